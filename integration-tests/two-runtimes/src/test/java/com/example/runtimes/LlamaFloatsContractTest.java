package com.example.runtimes;

import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;

class LlamaFloatsContractTest extends ExportContract {
  LlamaFloatsContractTest() {
    super("llama", OnnxWeights.F32);
  }
}
