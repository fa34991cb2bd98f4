package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.internal.gguf.GgufSplit;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.gguf.GgufConfig;
import io.fundamentallm.runtime.cpu.format.gguf.GgufFile;
import io.fundamentallm.runtime.cpu.format.gguf.GgufRope;
import io.fundamentallm.runtime.cpu.format.huggingface.HuggingFaceConfig;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.ReadProgress;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.spi.Support;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a model, open for reading: a directory in the layout of Hugging Face transformers
 * (config.json and model.safetensors, or its shards), a GGUF file, the first of its parts, or a
 * directory with either.
 *
 * <p>Files are untrusted. Once open, every tensor that the configuration asks for is known to exist
 * with its shape, and there are no others. The weights themselves have not been read. So the memory
 * allocated for a model is bounded by what its files really hold. The one exception is the context
 * length of rotary models, which no tensor confirms. Not thread-safe, except for matrices of {@link
 * #weights}, each of which several threads may read.
 */
public final class ModelFiles implements Closeable {
  private static final String GGUF = ".gguf";

  private final ModelSpec spec;
  private final BoundaryTokens boundaries;
  private final AssembledWeights weights;
  private final ModelTensors tensors;
  private final List<Closeable> open;

  private ModelFiles(
      ModelSpec spec,
      BoundaryTokens boundaries,
      TensorFiles files,
      @Nullable LoraAdapter adapter,
      Map<String, String> adapted,
      Predicate<String> harmless)
      throws IOException {
    this.spec = spec;
    this.boundaries = boundaries;
    this.open = adapter == null ? List.of(files) : List.of(files, adapter);
    TensorNames names = spec.architecture().names();
    tensors = new ModelTensors(files, names.prefix(), names.of(Part.EMBEDDING) + ".weight");
    String prefix = adapted.isEmpty() ? names.prefix() : spec.family().names().prefix();
    AssembledWeights.Additions additions =
        module -> adapter == null ? null : adapter.of(adapted.getOrDefault(module, module), prefix);
    weights = new AssembledWeights(spec.config(), spec.architecture(), tensors, additions);
    tensors.requireAllTaken(harmless);
    if (adapter != null) {
      adapter.requireAllUsed();
    }
  }

  /** Whether {@link #open} knows this kind of model; looks at names and headers only. */
  public static Support supports(Path path) {
    try {
      Path gguf = findGguf(path);
      if (gguf == null) {
        return supportsDirectory(path);
      }
      String objection = GgufConfig.objection(GgufFile.keys(gguf));
      return objection == null
          ? Support.yes("there is a GGUF file of a known architecture")
          : Support.no(objection);
    } catch (AccessDeniedException e) {
      return Support.no(e.getFile() + " may not be read");
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
  }

  private static Support supportsDirectory(Path directory) throws IOException {
    if (AdapterConfig.isAlone(directory)) {
      return Support.no(AdapterConfig.advice(directory));
    }
    if (!Files.isRegularFile(directory.resolve(ModelSettings.CONFIG))) {
      return Support.no("there is no " + ModelSettings.CONFIG + " and no " + GGUF + " file");
    }
    if (SafeTensors.find(directory) == null) {
      return Support.no("there is no model.safetensors, nor an index of its shards");
    }
    String type = JsonObject.read(directory.resolve(ModelSettings.CONFIG)).text("model_type");
    return type != null && Families.named(type) != null
        ? Support.yes("model_type is " + type + " and there is model.safetensors")
        : Support.no(
            "model_type is "
                + (type == null ? "missing" : Json.shown(type))
                + "; expected one of "
                + Families.types());
  }

  /**
   * Opens a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something this runtime does
   *     not implement; names file and tensor or key
   */
  public static ModelFiles open(Path path) throws IOException {
    return open(path, null);
  }

  /**
   * Opens a model with a LoRA adapter added to its weights.
   *
   * @param adapter a directory in PEFT's layout, made for the model's Hugging Face form, also where
   *     the model is a GGUF file; null for none
   */
  public static ModelFiles open(Path path, @Nullable Path adapter) throws IOException {
    Path gguf = findGguf(path);
    if (gguf == null) {
      return openDirectory(path, adapter);
    }
    GgufFile.Contents contents = GgufFile.open(gguf);
    LoraAdapter added = null;
    try {
      ModelSpec spec = GgufConfig.read(contents.keys(), contents.tensors());
      BoundaryTokens tokens =
          GgufConfig.boundaryTokens(contents.keys(), spec.config().vocabularySize());
      Map<String, String> names = Map.of();
      if (adapter != null) {
        added = LoraAdapter.open(adapter);
        GgufModules.requireSameRows(spec, added);
        names = GgufModules.names(spec);
      }
      return new ModelFiles(spec, tokens, contents.tensors(), added, names, GgufRope::owns);
    } catch (IOException | RuntimeException | Error e) {
      contents.tensors().close();
      if (added != null) {
        added.close();
      }
      throw e;
    }
  }

  private static ModelFiles openDirectory(Path directory, @Nullable Path adapterDirectory)
      throws IOException {
    ReadablePath.require(directory);
    if (AdapterConfig.isAlone(directory)) {
      throw new IOException(directory + ": " + AdapterConfig.advice(directory));
    }
    if (!Files.isRegularFile(directory.resolve(ModelSettings.CONFIG))) {
      throw new IOException(
          directory
              + ": expected a directory with "
              + ModelSettings.CONFIG
              + ", or a "
              + GGUF
              + " file");
    }
    ModelSettings settings = ModelSettings.read(directory);
    Path weights = SafeTensors.find(directory);
    if (weights == null) {
      throw new IOException(directory + ": there is no model.safetensors, nor an index of shards");
    }
    TensorFiles files = SafeTensors.open(weights);
    LoraAdapter adapter = null;
    try {
      ModelSpec spec = HuggingFaceConfig.read(settings.config(), files);
      BoundaryTokens tokens = settings.boundaryTokens(spec.config().vocabularySize());
      adapter = adapterDirectory == null ? null : LoraAdapter.open(adapterDirectory);
      return new ModelFiles(spec, tokens, files, adapter, Map.of(), name -> isHarmless(name, spec));
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      if (adapter != null) {
        adapter.close();
      }
      throw e;
    }
  }

  /**
   * Masks and frequencies that older versions of transformers saved with the weights; what belongs
   * to other modalities.
   */
  private static boolean isHarmless(String name, ModelSpec spec) {
    if (spec.family().has(Trait.TEXT_CONFIG)
        && !name.startsWith(spec.architecture().names().prefix())) {
      return true;
    }
    return Stream.of(
            "rotary_emb.inv_freq",
            ".attn.bias",
            ".attn.masked_bias",
            ".attention.bias",
            ".attention.masked_bias")
        .anyMatch(name::endsWith);
  }

  /**
   * The file itself, or the only one of its kind in a directory without safetensors, or the first
   * of its parts; null if there is none.
   */
  public static @Nullable Path findGguf(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return path.toString().endsWith(GGUF) && Files.isRegularFile(path) ? path : null;
    }
    if (SafeTensors.find(path) != null) {
      return null;
    }
    try (Stream<Path> files = Files.list(path)) {
      List<Path> all = files.filter(file -> file.toString().endsWith(GGUF)).sorted().toList();
      List<Path> found = GgufSplit.withoutLaterParts(all);
      if (found.size() > 1) {
        throw new IOException(
            path + ": expected one " + GGUF + " file, found " + found.size() + "; name the file");
      }
      return found.isEmpty() ? null : found.get(0);
    } catch (UncheckedIOException e) {
      throw new IOException(path + ": the files cannot be listed: " + e.getMessage(), e);
    }
  }

  /** The tensors that the model takes. */
  ModelTensors tensors() {
    return tensors;
  }

  /** The model's shape, and how its files hold the weights. */
  ModelSpec spec() {
    return spec;
  }

  /** The model's shape. */
  public TransformerConfig config() {
    return spec.config();
  }

  /** The token that begins a text, if there is one. */
  public OptionalInt begin() {
    return boundaries.begin();
  }

  /** All tokens that end a text, in ascending order. */
  public Set<Integer> end() {
    return boundaries.ends();
  }

  /**
   * Writes config.json for a model whose own files have none.
   *
   * @throws IOException when it cannot be written
   */
  public void writeConfig(Path file) throws IOException {
    JsonWriter.write(file, new ShapeConfig(spec, boundaries).fields());
  }

  /** The number of the model's parameters, not counting an adapter's. */
  public long parameters() {
    return tensors.parameters();
  }

  /** Bytes of the model's tensors in the files. */
  public long bytes() {
    return tensors.bytes();
  }

  /**
   * Tells a listener, from now on, how many of the {@link #bytes()} were read.
   *
   * @return what counts them
   */
  public ReadProgress report(LoadingListener listener) {
    ReadProgress progress = new ReadProgress(listener, bytes());
    tensors.count(progress);
    return progress;
  }

  /** The weights, which can be read until this is closed. */
  public ModelWeights weights() {
    return weights;
  }

  @Override
  public void close() throws IOException {
    for (Closeable file : open) {
      file.close();
    }
  }
}
