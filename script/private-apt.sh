#!/bin/bash
# Sourced by the scripts that download Debian packages of other releases or architectures than this
# machine's: an apt with its own sources, lists and cache, so that the machine's package state is
# neither read nor changed. Only its Acquire settings (a proxy, say) are taken over.
#
#   make_private_apt DIR ARCHITECTURE ARCHIVE:RELEASE...
#   use_private_apt DIR       from here on apt-get and apt-cache work in DIR
#   leave_private_apt DIR     and no longer; DIR is removed
mirror=${WHYDROP_DEBIAN_MIRROR:-http://deb.debian.org}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Writes apt's whole world: nothing outside of DIR is used.
make_private_apt() {
    local apt=$1 architecture=$2 release; shift 2
    mkdir -p "$apt"/{lists/partial,archives/partial,empty}
    : > "$apt/status"
    for release in "$@"; do
        echo "deb [arch=$architecture signed-by=$keyring] $mirror/${release%%:*} ${release#*:} main"
    done > "$apt/sources.list"
    {
        apt-config dump | grep '^Acquire::' || true
        cat <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$apt/empty";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::preferencesparts "$apt/empty";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
APT::Architecture "$architecture";
APT::Architectures "$architecture";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
    } > "$apt/apt.conf"
}

use_private_apt() { export APT_CONFIG=$1/apt.conf; }
leave_private_apt() { unset APT_CONFIG; rm -rf "${1:?}"; }
