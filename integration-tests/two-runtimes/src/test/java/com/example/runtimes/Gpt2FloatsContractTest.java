package com.example.runtimes;

import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;

class Gpt2FloatsContractTest extends ExportContract {
  Gpt2FloatsContractTest() {
    super("gpt2", OnnxWeights.F32);
  }
}
