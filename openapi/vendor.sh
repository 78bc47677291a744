#!/bin/sh
# Copy the library into another project's package: vendor.sh DEST [PARENT]
# Every import in it is relative, save in the one seam that is rewritten here, so that it works under any parent.
set -eu

dest=${1:-}
parent=${2:-}
packages="facade/daytona_facade generated/daytona_rest generated/daytona_toolbox"
cd "$(dirname "$0")/.."

fail() {
  echo "make vendor: $1" >&2
  exit 2
}

[ -n "$dest" ] || fail "say where to: make vendor DEST=dir [PARENT=pkg.sub]"
case ".$parent." in
  ..) ;;
  *[!A-Za-z0-9_.]* | *..* | *.[0-9]*) fail "PARENT is not the dotted name of a package: $parent" ;;
esac
mkdir -p "$dest"
for package in $packages; do
  copy=$dest/${package##*/}
  if [ -e "$copy" ] && [ ! -f "$dest/VENDORED.md" ]; then
    fail "$copy is there already, and not from here: there is no VENDORED.md beside it"
  fi
done
for package in $packages; do
  rm -rf "$dest/${package##*/}"
  cp -R "$package" "$dest/"
  find "$dest/${package##*/}" -name __pycache__ -prune -exec rm -rf {} +
done
seam=daytona_facade/_responses/generated.py
sed -E 's/^( *from )daytona_(rest|toolbox)/\1...daytona_\2/' "facade/$seam" > "$dest/$seam"
cp LICENSE "$dest/daytona_facade/LICENSE"
[ -e "$dest/__init__.py" ] || : > "$dest/__init__.py"

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' facade/daytona_facade/_version.py)
needs=$(sed -n 's/^dependencies = \[\(.*\)\]$/\1/p' pyproject.toml | tr -d '"')
commit=$(git rev-parse HEAD 2> /dev/null || echo unknown)
if [ -n "$(git status --porcelain -- facade generated 2> /dev/null)" ]; then
  commit="$commit, with uncommitted changes"
fi
cat > "$dest/VENDORED.md" << END
# Vendored: daytona-facade

- Version: $version
- Commit: $commit
- Packages: \`daytona_facade\`, \`daytona_rest\`, \`daytona_toolbox\`; licence in \`daytona_facade/LICENSE\`
- Import: \`from ${parent:-<this package>}.daytona_facade import Daytona\`
- Needs: $needs; the faces (command line, MCP server, adapters, local backend) need more, as the extras say

All imports between the packages are relative, so this directory may lie under any parent package, and any number
of copies may live in one process. The only file that differs from the original is \`$seam\`.
Do not edit; run \`make vendor\` again for another version.
END
echo "daytona-facade $version is in $dest"
