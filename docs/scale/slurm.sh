#!/bin/bash
#SBATCH --job-name=nianbao
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --time=01:00:00
#SBATCH --signal=B:TERM@60
# Eight shares on eight machines; the folders lie on a file system that all of them see.
set -uo pipefail
shard=${SLURM_ARRAY_TASK_ID}/${SLURM_ARRAY_TASK_COUNT}
exec nianbao build reports -o out --jobs "${SLURM_CPUS_PER_TASK}" --shard "$shard" \
  --summary "summary/${SLURM_ARRAY_TASK_ID}.json"
