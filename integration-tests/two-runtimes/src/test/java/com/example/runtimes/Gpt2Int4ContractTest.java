package com.example.runtimes;

import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;

class Gpt2Int4ContractTest extends ExportContract {
  Gpt2Int4ContractTest() {
    super("gpt2", OnnxWeights.INT4);
  }
}
