package com.example.onnx;

import org.junit.jupiter.api.Nested;

/** The application brings {@code com.microsoft.onnxruntime:onnxruntime}. */
class CpuJarTest {
  @Nested
  class Devices extends DevicesContract {
    Devices() {
      super(Jars.onnxRuntime());
    }
  }

  @Nested
  class ClassLoaders extends ClassLoadersContract {
    ClassLoaders() {
      super(Jars.onnxRuntime());
    }
  }

  @Nested
  class Exit extends ExitContract {
    Exit() {
      super(Jars.onnxRuntime());
    }
  }
}
