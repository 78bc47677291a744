"""What differs on the wire between the daemon versions that the backend can play."""

from typing import NamedTuple


class Profile(NamedTuple):
    """One daemon generation, told by the things a client can notice."""

    version: str
    file_error_bodies: bool
    """Whether errors of the file routes carry JSON; the oldest generation sends them empty."""
    daemon_codes: bool
    """Whether errors name specific codes and their source."""
    upload: bool
    upload_v2: bool
    depth: bool
    """Whether listings and clones take a depth, and entries carry their path."""
    region_fields: bool
    """Whether sandboxes carry the fields that 0.205 added, and list items `networkBlockAll`."""
    kvm: bool


PROFILES = {
    profile.version: profile
    for profile in (
        Profile("0.190", False, False, upload=True, upload_v2=False, depth=False, region_fields=False, kvm=False),
        Profile("0.205", True, True, upload=False, upload_v2=True, depth=True, region_fields=True, kvm=False),
        Profile("0.226", True, True, upload=False, upload_v2=True, depth=True, region_fields=True, kvm=True),
    )
}
DEFAULT_PROFILE = "0.226"
