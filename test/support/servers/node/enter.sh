#!/bin/sh
# Process 1 of a machine of its own (private-machine.ts): makes it one, then runs a command and ends with it, and all
# that is left with it. Stays process 1 itself, since that has to take leave of orphans.
#
#   enter.sh ADDRESS FOLDER COMMAND...   its address on the network; what replaces the folders that its servers write to
set -eu
address=$1 folder=$2
shift 2

mount -t proc proc /proc
ip link set lo up
# The kubelet refuses a node on the loopback address.
ip address add "$address/32" dev lo

# The devices of this network; the control groups stay those of the machine.
mkdir -p "$folder/cgroup"
mount --rbind /sys/fs/cgroup "$folder/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$folder/cgroup" /sys/fs/cgroup

mount -t tmpfs tmpfs /run
for place in /var/log /var/lib/cni; do
  mkdir -p "$folder$place" "$place"
  mount --bind "$folder$place" "$place"
done

# The kubelet sets these for the whole machine. Here it finds files that say it was done, and so leaves them alone.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$folder/sysctl/${setting%=*}
  mkdir -p "$(dirname "$file")"
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

code=0
"$@" || code=$?
exit "$code"
