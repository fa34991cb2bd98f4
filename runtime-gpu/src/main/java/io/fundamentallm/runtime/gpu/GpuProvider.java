package io.fundamentallm.runtime.gpu;

import io.fundamentallm.ProviderException;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.gpu.graph.OnnxDirectory;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.runtime.gpu.ort.OnnxRuntimeJar;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The runtime {@code gpu}: runs decoders on ONNX Runtime. They are in {@code model.onnx}, or {@code
 * decoder_model_merged.onnx}, beside a {@code config.json}, with the input and output names of
 * Hugging Face Optimum; or in the file and with the names that a {@code genai_config.json} of
 * onnxruntime-genai gives.
 *
 * <p>Options, as in {@code gpu(device=cuda:0,threads=4)}:
 *
 * <ul>
 *   <li>{@code device}: {@code cpu}; {@code cuda} or {@code cuda:n} for the first or the nth CUDA
 *       device, an error if there is none; {@code auto}, the default, for CUDA where it works and
 *       else the CPU. {@link io.fundamentallm.model.ModelInfo#device()} says what really runs.
 *   <li>{@code threads}: how many threads compute on the CPU; by default one for each processor.
 *   <li>{@code memory}: the most that keys and values of all sessions may take, such as {@code
 *       512m} or {@code 4g}, on CUDA the most that ONNX Runtime allocates on the device altogether;
 *       no limit by default. An append that would need more is refused with a {@link
 *       io.fundamentallm.model.CacheFullException}, and its session is unchanged.
 *   <li>{@code cuda-graphs}: {@code true} lets CUDA record what it does for a token and replay it.
 *       For graphs with GroupQueryAttention whose nodes all run on CUDA, with net.java.dev.jna:jna;
 *       no effect elsewhere. Experimental. {@code false} by default.
 * </ul>
 *
 * <p>Its priority is below that of the {@code cpu} runtime, so a directory that both can load goes
 * there unless this one is asked for by name.
 *
 * <p>This class mentions no type of ONNX Runtime: it has to work without that jar, to report that
 * it is missing.
 */
public final class GpuProvider implements LanguageModelProvider {
  /** For {@link java.util.ServiceLoader}. */
  public GpuProvider() {}

  @Override
  public String name() {
    return "gpu";
  }

  @Override
  public int priority() {
    return -10;
  }

  @Override
  public Support supports(Path directory) {
    Path graph;
    try {
      graph = OnnxDirectory.graph(directory);
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
    if (!Files.isRegularFile(graph)) {
      return Support.no(OnnxDirectory.withoutGraph(directory, graph));
    }
    if (!Files.isRegularFile(directory.resolve(ModelSettings.CONFIG))
        && !Files.isRegularFile(directory.resolve(ModelSettings.GENAI_CONFIG))) {
      return Support.no(
          "there is a "
              + graph.getFileName()
              + " but no config.json, which has the context length");
    }
    if (!OnnxRuntimeJar.isPresent()) {
      return Support.no(OnnxRuntimeJar.ABSENT);
    }
    return Support.yes("there is a " + graph.getFileName());
  }

  /**
   * Loads the graph.
   *
   * @throws IOException when a file is missing, unreadable or malformed, or the graph is not a
   *     decoder that this runtime knows; names the file and what was expected
   * @throws ProviderException when ONNX Runtime is missing or cannot start, or when {@code
   *     device=cuda} is asked for where CUDA does not work; says what is missing
   */
  @Override
  public LanguageModel load(Path directory, Options options) throws IOException {
    GpuSettings settings = GpuSettings.of(options);
    if (!OnnxRuntimeJar.isPresent()) {
      throw new ProviderException(OnnxRuntimeJar.ABSENT);
    }
    OnnxDirectory.requireGraph(directory);
    try {
      return OnnxModel.load(directory, settings);
    } catch (LinkageError e) {
      if (OnnxRuntimeJar.isCauseOf(e)) {
        throw OnnxRuntimeJar.startFailure(e);
      }
      throw e;
    }
  }
}
