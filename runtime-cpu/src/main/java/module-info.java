/** Decoder-only transformers in pure Java: inference with a key/value cache, and training. */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.runtime.cpu {
  requires io.fundamentallm;
  requires org.slf4j;
  requires static java.management;
  requires static jdk.incubator.vector;
  requires static jdk.jfr;
  requires static org.bytedeco.dnnl;
  requires static org.bytedeco.javacpp;
  requires static org.bytedeco.opencl;
  requires static org.jspecify;

  exports io.fundamentallm.runtime.cpu.gguf;
  exports io.fundamentallm.runtime.cpu.onnx;

  provides io.fundamentallm.spi.LanguageModelProvider with
      io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
  provides io.fundamentallm.spi.TrainerProvider with
      io.fundamentallm.runtime.cpu.CpuTrainerProvider;
}
