#!/usr/bin/env bash
# For a machine with an NVIDIA GPU, its driver and the libraries of CUDA 12 that ONNX Runtime asks for: runs the contract of language models on CUDA with each way of keeping keys and
# values, compares the tokens that a decoder chooses there with those of the CPU, and prints tokens a second.
#
#   integration-tests/gpu/check.sh [DEVICE]
#
# DEVICE is cuda, the default, or cuda:1 and so on; cpu tries the script itself where there is no GPU. Downloads ONNX Runtime for CUDA, 640 MB. Options of
# Maven can be given in MAVEN_ARGS.
set -euo pipefail

device=${1:-cuda}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [[ $device == cuda* ]]; then
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv || echo "nvidia-smi is not there; trying all the same"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
mvn --batch-mode --no-transfer-progress -Pgpu -pl api,runtime-gpu test -Djacoco.skip \
  -Dtest='FormsContractTest,RandomSessionsTest,DeviceCheckTest' -Dsurefire.failIfNoSpecifiedTests=false -Dfundamentallm.device="$device" |
  tee "$log" || { echo "FAILED on $device"; exit 1; }

echo "== passed on $device"
grep -E 'tokens/s|as on the CPU|Tests run:' "$log"
