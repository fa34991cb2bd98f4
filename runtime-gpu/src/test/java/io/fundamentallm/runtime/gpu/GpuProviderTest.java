package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.Registry;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.CudaDriver;
import io.fundamentallm.runtime.gpu.ort.JnaJar;
import io.fundamentallm.runtime.gpu.ort.OnnxRuntimeJar;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpuProviderTest {
  @TempDir private Path directory;

  @Test
  void it_is_found_by_name_and_gives_way_to_other_runtimes() throws IOException {
    GpuProvider provider =
        (GpuProvider) Registry.standard().find(LanguageModelProvider.class, "gpu");
    assertThat(provider.priority()).isNegative();
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    try (LanguageModel model = LanguageModels.load(directory)) {
      assertThat(model.info().device()).contains("ONNX Runtime");
    }
    try (LanguageModel model = LanguageModels.load(directory, "gpu(device=cpu,threads=1)")) {
      assertThat(model.info().device()).startsWith("cpu").contains("1 thread)");
    }
  }

  @Test
  void class_path_and_module_path_name_the_same_provider() throws IOException {
    Path classes;
    try {
      classes =
          Path.of(GpuProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
    String service = LanguageModelProvider.class.getName();
    String listed = Files.readString(classes.resolve("META-INF/services").resolve(service)).strip();
    try (InputStream file = Files.newInputStream(classes.resolve("module-info.class"))) {
      assertThat(ModuleDescriptor.read(file).provides())
          .singleElement()
          .satisfies(
              provides -> {
                assertThat(provides.service()).isEqualTo(service);
                assertThat(provides.providers()).containsExactly(listed);
              });
    }
    assertThat(listed).isEqualTo(GpuProvider.class.getName());
  }

  @Test
  void a_directory_with_a_graph_is_supported() throws IOException {
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    assertThat(new GpuProvider().supports(directory))
        .isEqualTo(Support.yes("there is a model.onnx"));
  }

  @Test
  void safetensors_without_a_graph_are_refused_with_the_runtime_for_them_and_the_way_to_make_one()
      throws IOException {
    Files.createFile(directory.resolve("model.safetensors"));
    Files.writeString(directory.resolve("config.json"), "{\"model_type\": \"llama\"}");
    Support support = new GpuProvider().supports(directory);
    assertThat(support.supported()).isFalse();
    assertThat(support.reason())
        .startsWith("no model.onnx")
        .containsSubsequence(
            "safetensors",
            "comes with io.fundamentallm:fundamentallm-runtime-cpu",
            "fundamentallm convert " + directory + " --to onnx --out " + directory,
            "OnnxExport.write(Path.of(\"" + directory + "\"));");
    assertThatThrownBy(() -> new GpuProvider().load(directory, options("device", "cpu")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("model.onnx")
        .hasMessageContaining("OnnxExport.write");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"model_type\": \"mamba\"}", "{\"model_type"})
  void nobody_is_told_to_convert_what_cannot_be(String config) throws IOException {
    Files.createFile(directory.resolve("model.safetensors"));
    if (!config.isEmpty()) {
      Files.writeString(directory.resolve("config.json"), config);
    }
    assertThat(new GpuProvider().supports(directory))
        .isEqualTo(Support.no("no model.onnx; this runtime runs ONNX graphs"));
  }

  @Test
  void nobody_is_told_to_convert_an_adapter() throws IOException {
    Files.createFile(directory.resolve("adapter_model.safetensors"));
    Files.writeString(
        directory.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"base\"}");
    String advice =
        "no model.onnx; it is an adapter of the model \"base\", and no model itself; load that"
            + " model with the runtime cpu(adapter="
            + directory
            + ")";
    assertThat(new GpuProvider().supports(directory)).isEqualTo(Support.no(advice));
    assertThatThrownBy(() -> new GpuProvider().load(directory, options("device", "cpu")))
        .hasMessageContaining(advice);
  }

  @Test
  void an_empty_or_missing_directory_is_refused_with_the_reason() throws IOException {
    assertThat(new GpuProvider().supports(directory).reason())
        .isEqualTo("no model.onnx; this runtime runs ONNX graphs");
    assertThat(new GpuProvider().supports(directory.resolve("none")).reason())
        .contains("no such directory");
    Files.createFile(directory.resolve("model.onnx"));
    assertThat(new GpuProvider().supports(directory).reason()).contains("no config.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", "CPU", ""})
  void an_unknown_device_is_refused_with_the_known_ones(String device) {
    assertThatThrownBy(() -> new GpuProvider().load(directory, options("device", device)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "runtime \"gpu\", option \"device\": \""
                + device
                + "\" is not auto, cpu, cuda or cuda:n with n from 0 to 999");
  }

  @Test
  void unknown_options_and_bad_threads_are_refused_before_anything_is_loaded() {
    assertThatThrownBy(() -> new GpuProvider().load(directory, options("threads", "0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads")
        .hasMessageContaining("[1, 1024]");
    assertThatThrownBy(() -> new GpuProvider().load(directory, options("thread", "2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"thread\"")
        .hasMessageContaining("cuda-graphs, device, memory, threads");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:1"})
  void cuda_without_a_driver_is_refused_before_native_code_and_says_what_to_do(String device)
      throws Exception {
    assumeTrue(CudaDriver.missing().isPresent(), "there is a CUDA driver");
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    // where ONNX Runtime's native library cannot be loaded, nothing may have asked for it
    LanguageModelProvider provider = new OtherLoader(true).provider();
    System.setProperty("onnxruntime.native.path", directory.toString());
    try {
      assertRefusedWithoutADriver(provider, device);
    } finally {
      System.clearProperty("onnxruntime.native.path");
    }
    assertRefusedWithoutADriver(new GpuProvider(), device);
  }

  private void assertRefusedWithoutADriver(LanguageModelProvider provider, String device) {
    assertThatThrownBy(() -> provider.load(directory, options("device", device)))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining(device.equals("cuda") ? "device=cuda:0" : "device=cuda:1")
        .hasMessageContaining("driver")
        .hasMessageContaining("com.microsoft.onnxruntime:onnxruntime_gpu")
        .hasMessageContaining("com.microsoft.onnxruntime:onnxruntime;")
        .hasMessageContaining("device=auto");
  }

  @Test
  void auto_takes_the_cpu_where_there_is_no_cuda() throws IOException {
    assumeTrue(CudaDriver.missing().isPresent(), "there is a CUDA driver");
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    try (LanguageModel model = new GpuProvider().load(directory, options("device", "auto"))) {
      assertThat(model.info().device()).startsWith("cpu (ONNX Runtime");
    }
  }

  @Test
  void without_onnx_runtime_the_error_names_both_artifacts() throws Exception {
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    LanguageModelProvider provider = new OtherLoader(false).provider();
    assertThat(provider.name()).isEqualTo("gpu");
    assertThat(provider.supports(directory).supported()).isFalse();
    assertThat(provider.supports(directory).reason())
        .contains("com.microsoft.onnxruntime:onnxruntime (CPU only)")
        .contains("com.microsoft.onnxruntime:onnxruntime_gpu (CUDA and CPU)");
    assertThatThrownBy(() -> provider.load(directory, options("device", "auto")))
        .isInstanceOf(ProviderException.class)
        .hasMessage(provider.supports(directory).reason());
  }

  @Test
  void a_native_library_that_cannot_be_loaded_is_reported_each_time() throws Exception {
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    LanguageModelProvider provider = new OtherLoader(true).provider();
    System.setProperty("onnxruntime.native.path", directory.toString());
    try {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> provider.load(directory, options("device", "cpu")))
            .isInstanceOf(ProviderException.class)
            .hasMessageStartingWith("the native library of ONNX Runtime cannot be loaded")
            .hasMessageContaining(System.getProperty("os.arch"));
      }
    } finally {
      System.clearProperty("onnxruntime.native.path");
    }
  }

  @Test
  void without_jna_its_absence_is_told_and_nothing_else_needs_it() throws Exception {
    TinyDecoder.small().save(directory, Form.GROUPED);
    OtherLoader loader = new OtherLoader(true);
    try (LanguageModel model = loader.provider().load(directory, options("device", "cpu"))) {
      assertThat(model.info().device()).contains("in the memory of the host");
    }
    Method missing = loader.loadClass(JnaJar.class.getName()).getDeclaredMethod("missing");
    missing.setAccessible(true);
    assertThat((String) missing.invoke(null)).startsWith("net.java.dev.jna:jna is not there");
    assertThat(JnaJar.missing()).isNull();
  }

  private static Options options(String name, String value) {
    return Options.of("runtime", "gpu", Map.of(name, value));
  }

  /** Loads this module's classes itself, those of ONNX Runtime itself or not at all, and no JNA. */
  private static final class OtherLoader extends ClassLoader {
    private final boolean onnxRuntime;

    OtherLoader(boolean onnxRuntime) {
      super(GpuProvider.class.getClassLoader());
      this.onnxRuntime = onnxRuntime;
    }

    LanguageModelProvider provider() throws ReflectiveOperationException {
      return (LanguageModelProvider)
          loadClass(GpuProvider.class.getName()).getConstructor().newInstance();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.sun.jna.")) {
        throw new ClassNotFoundException(name);
      }
      boolean ofOnnxRuntime = name.startsWith("ai.onnxruntime.");
      if (ofOnnxRuntime && !onnxRuntime) {
        throw new ClassNotFoundException(name);
      }
      if (!ofOnnxRuntime && !name.startsWith("io.fundamentallm.runtime.gpu.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void a_jvm_that_denies_native_access_is_answered_with_the_flag() {
    IllegalCallerException denied = new IllegalCallerException("Illegal native access from …");
    assertThat(OnnxRuntimeJar.startFailure(new ExceptionInInitializerError(denied)))
        .hasMessageContaining("Start it with --enable-native-access=ALL-UNNAMED");
    // as the JDK says it from the second time on
    NoClassDefFoundError again = new NoClassDefFoundError("Could not initialize class …");
    again.initCause(new ExceptionInInitializerError("Exception " + denied + " [in thread …]"));
    assertThat(OnnxRuntimeJar.startFailure(again))
        .hasMessageContaining("Start it with --enable-native-access=ALL-UNNAMED");
    assertThat(OnnxRuntimeJar.startFailure(new UnsatisfiedLinkError("no libonnxruntime.so")))
        .hasMessageContaining("cannot be loaded on this machine");
  }
}
