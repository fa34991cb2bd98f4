package com.example.onnx;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The application brings {@code com.microsoft.onnxruntime:onnxruntime_gpu}, alone or with both. */
@Tag("onnxruntime_gpu")
class GpuJarTest {
  @Nested
  class Devices extends DevicesContract {
    Devices() {
      super(Jars.onnxRuntimeGpu());
    }
  }

  @Nested
  class Devices_before_the_other_jar extends DevicesContract {
    Devices_before_the_other_jar() {
      super(Jars.onnxRuntimeGpu(), Jars.onnxRuntime());
    }
  }

  @Nested
  class Devices_after_the_other_jar extends DevicesContract {
    Devices_after_the_other_jar() {
      super(Jars.onnxRuntime(), Jars.onnxRuntimeGpu());
    }
  }

  @Nested
  class ClassLoaders extends ClassLoadersContract {
    ClassLoaders() {
      super(Jars.onnxRuntimeGpu());
    }
  }

  @Nested
  class Exit extends ExitContract {
    Exit() {
      super(Jars.onnxRuntimeGpu());
    }
  }
}
