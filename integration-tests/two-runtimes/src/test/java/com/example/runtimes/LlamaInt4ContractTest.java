package com.example.runtimes;

import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;

class LlamaInt4ContractTest extends ExportContract {
  LlamaInt4ContractTest() {
    super("llama", OnnxWeights.INT4);
  }
}
