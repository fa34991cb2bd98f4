package io.fundamentallm.runtime.gpu.graph;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The files of a model directory that this runtime reads. */
public final class OnnxDirectory {
  /** The names of Hugging Face Optimum, the second that of older exports. */
  private static final List<String> GRAPHS = List.of("model.onnx", "decoder_model_merged.onnx");

  private static final String FILENAME = "filename";
  private static final String SAME_DIRECTORY = "expected a file in the same directory";

  private OnnxDirectory() {}

  /**
   * The graph that genai_config.json names, or the first that exists; if there is none, the first
   * that could exist.
   */
  public static Path graph(Path directory) throws IOException {
    JsonObject decoder =
        JsonObject.readIfExists(directory.resolve(ModelSettings.GENAI_CONFIG))
            .within("model")
            .within("decoder");
    String named = decoder.text(FILENAME);
    if (named != null) {
      if (named.isBlank() || named.matches("(?s).*[/\\\\\0].*|\\.\\.?")) {
        throw decoder.problem(FILENAME, SAME_DIRECTORY);
      }
      try {
        return directory.resolve(named);
      } catch (InvalidPathException e) {
        throw (IOException) decoder.problem(FILENAME, SAME_DIRECTORY).initCause(e);
      }
    }
    return GRAPHS.stream()
        .map(directory::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseGet(() -> directory.resolve(GRAPHS.get(0)));
  }

  /** Why a directory without a graph cannot be loaded, and what its owner can do about it. */
  public static String withoutGraph(Path directory, Path graph) {
    String missing = "no " + graph.getFileName() + "; ";
    if (Files.notExists(directory)) {
      return missing + "there is no such directory";
    }
    if (AdapterConfig.isAlone(directory)) {
      return missing + AdapterConfig.advice(directory);
    }
    return hasSafetensors(directory) && isExportable(directory)
        ? missing
            + "this runtime runs ONNX graphs, and the weights here are safetensors. The runtime cpu"
            + " runs them as they are: it comes with io.fundamentallm:fundamentallm-runtime-cpu."
            + " Or one command makes the graph: fundamentallm convert "
            + directory
            + " --to onnx --out "
            + directory
            + "; or, with that artifact, one line of Java:"
            + " io.fundamentallm.runtime.cpu.onnx.OnnxExport.write(Path.of(\""
            + directory
            + "\"));"
        : missing + "this runtime runs ONNX graphs";
  }

  public static void requireGraph(Path directory) throws IOException {
    Path graph = graph(directory);
    if (!Files.isRegularFile(graph)) {
      throw new NoSuchFileException(graph.toString(), null, withoutGraph(directory, graph));
    }
    GitLfsPointer.refuse(graph);
  }

  /** Whether a graph can be made of the directory, as far as its configuration says. */
  private static boolean isExportable(Path directory) {
    try {
      return ModelSettings.namesFamily(
          JsonObject.readIfExists(directory.resolve(ModelSettings.CONFIG)));
    } catch (IOException e) {
      return false; // only the hint is lost
    }
  }

  private static boolean hasSafetensors(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.safetensors")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false; // only the hint is lost
    }
  }
}
