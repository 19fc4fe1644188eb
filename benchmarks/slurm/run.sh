#!/bin/bash
# Runs a search on a real SLURM of one node, this machine, and stops it again. As root, on Debian:
#     apt-get install slurm-wlm munge && benchmarks/slurm/run.sh [toonvision's overrides]
# Prints what SLURM knows of the jobs; ends with the search's exit code.
set -euo pipefail
here=$(mktemp -d /tmp/slurm.XXXXXX)
export SLURM_CONF=$here/slurm.conf
toonvision=${TOONVISION:-toonvision}

cat > "$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
StateSaveLocation=$here/state
SlurmdSpoolDir=$here/spool
SlurmctldPidFile=$here/slurmctld.pid
SlurmdPidFile=$here/slurmd.pid
SlurmctldLogFile=$here/slurmctld.log
SlurmdLogFile=$here/slurmd.log
$(slurmd -C | head -1) NodeAddr=127.0.0.1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
mkdir -p "$here/state" "$here/spool" /run/munge
chown munge:munge /run/munge

stop() {
    [ -z "$watcher" ] || kill "$watcher" || true
    scancel --user=root || true
    for _ in $(seq 60); do
        [ -z "$(squeue -h)" ] && break
        sleep 1
    done
    for pid in slurmd slurmctld munged; do
        if [ -s "$here/$pid.pid" ]; then kill "$(cat "$here/$pid.pid")" || true; fi
    done
    echo "logs: $here"
}
watcher=
trap stop EXIT
if ! munge -n > /dev/null 2>&1; then
    runuser -u munge -- /usr/sbin/munged
    cp /run/munge/munged.pid "$here/munged.pid"
fi
slurmctld
slurmd
for _ in $(seq 30); do
    [ "$(sinfo -h -o %T)" = idle ] && break
    sleep 1
done
sinfo -N -l

(while sleep 1; do squeue -h -o "%i %T %M" || true; done) > "$here/queue.log" &
watcher=$!
code=0
"$toonvision" executor=slurm executor.folder="$here/jobs" executor.memory=2 executor.workers=2 "${@:-experiment=smoke}" || code=$?
echo "states of the jobs, as squeue saw them each second:"
awk '{print $1, $2}' "$here/queue.log" | sort | uniq -c | sort -k2n
scontrol show job --oneliner | sed -E 's/.*JobId=([0-9]+).*JobState=([A-Z_]+) Reason.*RunTime=([0-9:]+).*/job \1 \2 \3/' || true
exit $code
