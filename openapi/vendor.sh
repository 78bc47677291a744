#!/bin/sh
# Copy the library into another project's package: vendor.sh DEST [PARENT] [CORE]
# The copy is laid out as the wheel is. Every import in it is relative, so that it works under any parent.
set -eu

dest=${1:-}
parent=${2:-}
core=${3:-}
cd "$(dirname "$0")/.."

fail() {
  echo "make vendor: $1" >&2
  exit 2
}

[ -n "$dest" ] || fail "say where to: make vendor DEST=dir [PARENT=pkg.sub] [CORE=1]"
case ".$parent." in
  ..) ;;
  *[!A-Za-z0-9_.]* | *..* | *.[0-9]*) fail "PARENT is not the dotted name of a package: $parent" ;;
esac
mkdir -p "$dest"
copy=$dest/daytona_facade
if [ -e "$copy" ] && [ ! -f "$dest/VENDORED.md" ]; then
  fail "$copy is there already, and not from here: there is no VENDORED.md beside it"
fi
if [ -f "$dest/VENDORED.md" ]; then
  # Older copies had the generated clients beside the library.
  rm -rf "$copy" "$dest/daytona_rest" "$dest/daytona_toolbox"
fi
cp -R facade/daytona_facade "$dest/"
cp -R generated "$copy/_generated"
echo '"""The generated clients."""' > "$copy/_generated/__init__.py"
if [ -n "$core" ]; then
  (cd "$copy" && rm -rf cli mcp local adapters demo.py pytest_plugin.py)
fi
find "$copy" -name __pycache__ -prune -exec rm -rf {} +
seam=_responses/generated.py
sed -E 's/^( *from )(daytona_(rest|toolbox))/\1.._generated.\2/' "facade/daytona_facade/$seam" > "$copy/$seam"
# A host without the extras' packages could not check the types in here; its own use of them is checked as ever.
find "$copy" -name '*.py' -exec sh -c 'for file; do
  { echo "# mypy: ignore-errors"; cat "$file"; } > "$file.new" && mv "$file.new" "$file"
done' sh {} +
cp LICENSE openapi/NOTICE "$copy/"
[ -e "$dest/__init__.py" ] || : > "$dest/__init__.py"

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' facade/daytona_facade/_version.py)
needs=$(sed -n 's/^dependencies = \[\(.*\)\]$/\1/p' pyproject.toml | tr -d '"')
commit=$(git rev-parse HEAD 2> /dev/null || echo unknown)
if [ -n "$(git status --porcelain -- facade generated 2> /dev/null)" ]; then
  commit="$commit, with uncommitted changes"
fi
faces="the command line, MCP server, adapters and local backend need more, as the extras in pyproject.toml say"
[ -z "$core" ] || faces="the command line, MCP server, adapters and local backend are left out (CORE=1)"
package=${parent:-<this package>}.daytona_facade
cat > "$dest/VENDORED.md" << END
# Vendored: daytona-facade

- Version: $version
- Commit: $commit
- Import: \`from $package import Daytona\`
- Needs: $needs; $faces
- Licence: \`daytona_facade/LICENSE\` and \`daytona_facade/NOTICE\`; both must travel with your package

All imports are relative, so this directory may lie under any parent package, and any number of copies may live in one
process. Two things differ from the original: each file begins with a line for mypy, and \`$seam\`
imports the generated clients from \`_generated/\`. Do not edit; run \`make vendor\` again for another version.

What your project needs for it:

- hatchling, flit, poetry and uv take the two licence files along by themselves. setuptools takes them when told to:

      [tool.setuptools.package-data]
      "$package" = ["LICENSE", "NOTICE", "py.typed"]

- mypy: nothing.
- ruff: leave the directory out, since lint and format of the copy are the original's:

      [tool.ruff]
      extend-exclude = ["daytona_facade"]
END
echo "daytona-facade $version is in $dest"
