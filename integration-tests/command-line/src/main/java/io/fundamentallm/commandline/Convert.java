package io.fundamentallm.commandline;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model in another format. */
@Command(
    name = "convert",
    description = {
      "Writes a model as an ONNX graph.",
      "It is for ONNX Runtime; configuration and tokenizer go beside it, also those of a GGUF file,"
          + " so that the directory is a model for the other commands too. ONNX is the one format"
          + " that is written: GGUF and safetensors are read (training writes safetensors), but not"
          + " converted to."
    })
final class Convert extends Subcommand {
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
      paramLabel = "DIR",
      required = true,
      description = "Where model.onnx goes; created if missing.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path directory = Path.of("");

  @Option(
      names = "--weights",
      paramLabel = "FORM",
      description = "${COMPLETION-CANDIDATES}; f16 is for CUDA.")
  Form weights = Form.F32;

  @Option(
      names = "--rounded-inputs",
      description = "int8 and int4: round the inputs of products, which is ten times faster.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean roundedInputs;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A LoRA adapter in PEFT's layout, added to the weights.")
  @Nullable Path adapter;

  /** What can be written. */
  enum Format {
    /** A graph for ONNX Runtime. */
    ONNX;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How its matrices are held. */
  enum Form {
    /** 32-bit floats. */
    F32,
    /** 16-bit floats. */
    F16,
    /** 8 bits, and a scale for each 32. */
    INT8,
    /** 4 bits, and a scale for each 32. */
    INT4;

    OnnxWeights weights() {
      return switch (this) {
        case F32 -> OnnxWeights.F32;
        case F16 -> OnnxWeights.F16;
        case INT8 -> OnnxWeights.INT8;
        case INT4 -> OnnxWeights.INT4;
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws IOException {
    OnnxWeights form =
        parsed(() -> roundedInputs ? weights.weights().withRoundedInputs() : weights.weights());
    if (!Files.exists(model)) {
      throw new NoSuchFileException(model.toString());
    }
    // a directory has files for both, which are copied; a GGUF file contains the tokenizer
    boolean one = !Files.isRegularFile(model.resolve("config.json"));
    Tokenizer inside = one ? Tokenizers.load(model) : null;
    if (adapter == null) {
      OnnxExport.write(model, form, directory);
    } else {
      OnnxExport.write(model, adapter, form, directory);
    }
    if (inside != null && !containsModel(directory)) {
      inside.save(directory);
    }
    Path graph = directory.resolve("model.onnx");
    out().printf(Locale.ROOT, "wrote %s, %,d bytes%n", graph, Files.size(graph));
    return ExitCode.OK;
  }

  /**
   * Whether the graph was written beside the GGUF file: a second one there would get in its way.
   */
  private boolean containsModel(Path directory) throws IOException {
    Path place = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
    return place != null && Files.isSameFile(place, directory);
  }
}
