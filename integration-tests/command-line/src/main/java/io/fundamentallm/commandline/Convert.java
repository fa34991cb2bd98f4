package io.fundamentallm.commandline;

import static java.util.stream.Collectors.joining;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.runtime.cpu.gguf.GgufExport;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model in another format. */
@Command(
    name = "convert",
    description = {
      "Writes a model as an ONNX graph or a GGUF file.",
      "onnx is for ONNX Runtime: a directory, with configuration and tokenizer beside the graph. gguf"
          + " is for llama.cpp, Ollama and others: one file, with tokenizer and chat template in it."
          + " Either is a model for the other commands too. What is read may be a directory with"
          + " safetensors or a GGUF file."
    })
final class Convert extends Subcommand {
  private static final String GGUF = ".gguf";
  private static final String CONFIG = "config.json";

  @Parameters(
      paramLabel = "DIR",
      description = "The model's directory, or a GGUF file.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path model = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      required = true,
      description = "${COMPLETION-CANDIDATES}",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Format format = Format.ONNX;

  @Option(
      names = "--out",
      paramLabel = "PLACE",
      required = true,
      description = "Where model.onnx goes, created if missing; or the .gguf file.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path place = Path.of("");

  @Option(
      names = "--weights",
      paramLabel = "FORM",
      description =
          "onnx: f32, f16 (for CUDA), int8, int4; gguf: f32, f16, bf16, q8_0, q4_0, q4_k_m, q6_k.")
  Form weights = Form.F32;

  @Option(
      names = "--rounded-inputs",
      description = "int8 and int4: round the inputs of products, which is ten times faster.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean roundedInputs;

  @Option(
      names = "--importance",
      paramLabel = "FILE",
      description = "q8_0 to q6_k: an importance matrix by llama.cpp's llama-imatrix.")
  @Nullable Path importance;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A LoRA adapter in PEFT's layout, added to the weights.")
  @Nullable Path adapter;

  @Option(
      names = "--adapter-only",
      description = "gguf: write only the adapter, which llama.cpp adds to the model's own file.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean adapterOnly;

  @Option(
      names = "--overwrite",
      description = "onnx: also where PLACE has other files, such as another model's.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean overwrite;

  /** What can be written. */
  enum Format {
    /** A graph for ONNX Runtime. */
    ONNX,
    /** A file for llama.cpp. */
    GGUF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How its matrices are held. */
  @SuppressWarnings("ImmutableEnumChecker") // both types are values that never change
  enum Form {
    /** 32-bit floats. */
    F32(OnnxWeights.F32, GgufWeights.F32),
    /** 16-bit floats. */
    F16(OnnxWeights.F16, GgufWeights.F16),
    /** The upper halves of 32-bit floats. */
    BF16(null, GgufWeights.BF16),
    /** 8 bits, and a scale for each 32. */
    INT8(OnnxWeights.INT8, null),
    /** 4 bits, and a scale for each 32. */
    INT4(OnnxWeights.INT4, null),
    /** 8 bits, and a scale for each 32. */
    Q8_0(null, GgufWeights.Q8_0),
    /** 4 bits, and a scale for each 32. */
    Q4_0(null, GgufWeights.Q4_0),
    /** 4 bits, and 6 where it matters. */
    Q4_K_M(null, GgufWeights.Q4_K_M),
    /** 6 bits. */
    Q6_K(null, GgufWeights.Q6_K);

    private final @Nullable OnnxWeights onnx;
    private final @Nullable GgufWeights gguf;

    Form(@Nullable OnnxWeights onnx, @Nullable GgufWeights gguf) {
      this.onnx = onnx;
      this.gguf = gguf;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(model)) {
      throw new NoSuchFileException(model.toString());
    }
    Path written = format == Format.ONNX ? onnx() : gguf();
    out().printf(Locale.ROOT, "wrote %s, %,d bytes%n", written, Files.size(written));
    return ExitCode.OK;
  }

  private Path onnx() throws IOException {
    OnnxWeights form =
        parsed(
            () -> {
              refuse(importance != null, "--importance is for gguf");
              refuse(adapterOnly, "--adapter-only is for gguf");
              OnnxWeights known = form(one -> one.onnx);
              return roundedInputs ? known.withRoundedInputs() : known;
            });
    requireOwn();
    // a directory's files of Hugging Face are copied; a GGUF file contains the tokenizer
    boolean one = !Files.isRegularFile(model.resolve(CONFIG));
    Tokenizer inside = one ? Tokenizers.load(model) : null;
    if (adapter == null) {
      OnnxExport.write(model, form, place);
    } else {
      OnnxExport.write(model, adapter, form, place);
    }
    if (inside == null && !hasTokenizer(place) && hasTokenizer(model)) {
      inside = Tokenizers.load(model); // a plugin's, whose files only the plugin knows
    }
    if (inside != null && !containsModel(place)) {
      inside.save(place);
    }
    return place.resolve("model.onnx");
  }

  /** Refuses a directory with something else than an earlier graph of this model. */
  private void requireOwn() throws IOException {
    if (overwrite || !Files.isDirectory(place) || containsModel(place)) {
      return;
    }
    List<Path> there;
    try (Stream<Path> files = Files.list(place)) {
      there = files.sorted().toList();
    }
    // another model may have the same configuration: its weights tell it apart
    Optional<Path> foreign = there.stream().filter(Convert::isWeights).findFirst();
    if (foreign.isEmpty() && !isEarlierGraph()) {
      foreign = notCopied(there);
    }
    if (foreign.isPresent()) {
      throw new IOException(
          place
              + " has files that are not of this model, such as "
              + foreign.get().getFileName()
              + "; write into an empty directory, or add --overwrite to replace files there");
    }
  }

  private static boolean isWeights(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json");
  }

  private boolean isEarlierGraph() throws IOException {
    return Files.exists(place.resolve("model.onnx")) && isCopy(place.resolve(CONFIG));
  }

  /**
   * What a conversion that broke off does not leave: it copies files, and writes the graph last.
   */
  private Optional<Path> notCopied(List<Path> there) throws IOException {
    for (Path file : there) {
      String name = file.getFileName().toString();
      if (name.equals("model.onnx") || (!name.endsWith(".tmp") && !isCopy(file))) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** Whether a file is as the model has it. */
  private boolean isCopy(Path file) throws IOException {
    Path own = model.resolve(file.getFileName().toString());
    return Files.isRegularFile(own) && Files.isRegularFile(file) && Files.mismatch(own, file) < 0;
  }

  private Path gguf() throws IOException {
    GgufWeights form =
        parsed(
            () -> {
              refuse(roundedInputs, "--rounded-inputs is for onnx");
              refuse(overwrite, "--overwrite is for onnx: a .gguf file is replaced as it is named");
              refuse(!place.toString().endsWith(GGUF), "--out: expected a file ending in " + GGUF);
              refuse(adapterOnly && adapter == null, "--adapter-only needs --adapter");
              GgufWeights known = form(one -> one.gguf);
              return importance == null ? known : known.withImportance(importance);
            });
    requireNoInput("--out", place, List.of(model));
    if (adapter != null && adapterOnly) {
      GgufExport.writeAdapter(model, adapter, place);
    } else {
      Tokenizer tokenizer = Tokenizers.load(model);
      try {
        if (adapter == null) {
          GgufExport.write(model, tokenizer, form, place);
        } else {
          GgufExport.write(model, adapter, tokenizer, form, place);
        }
      } catch (IllegalArgumentException | UnsupportedOperationException e) {
        throw new IOException(model + ": " + e.getMessage(), e);
      }
    }
    return place;
  }

  private <T> T form(Function<Form, @Nullable T> kind) {
    T known = kind.apply(weights);
    if (known == null) {
      throw new IllegalArgumentException(
          "--weights="
              + weights
              + " is not for "
              + format
              + "; expected one of "
              + Arrays.stream(Form.values())
                  .filter(one -> kind.apply(one) != null)
                  .map(Form::toString)
                  .collect(joining(", ")));
    }
    return known;
  }

  private static void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new IllegalArgumentException(why);
    }
  }

  private static boolean hasTokenizer(Path directory) {
    return Registry.standard().all(TokenizerProvider.class).stream()
        .anyMatch(provider -> provider.supports(directory).supported());
  }

  /** Whether the graph was written beside the model, where a second tokenizer is in the way. */
  private boolean containsModel(Path directory) throws IOException {
    Path own = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
    return own != null && Files.isSameFile(own, directory);
  }
}
