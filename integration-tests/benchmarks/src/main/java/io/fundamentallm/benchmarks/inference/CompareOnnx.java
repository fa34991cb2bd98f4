package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runtime {@code gpu} on the CPU, with random models that the export to ONNX made of
 * directories in Hugging Face's layout. What is compared takes turns in one process; figures are
 * medians, and ratios the medians of the ratios in each round.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * task=context,batch,overhead
 * exports=attention,grouped,int4
 * shape=S            of batch and overhead; context has LONG
 * threads=2
 * rounds=5
 * warmup=2           seconds for each
 * work=DIR           where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>{@code context} is a token after 128 to 2,048 others; {@code batch} is 64 tokens for each of
 * 16 sessions beside those of one; {@code overhead} is 256 tokens after a prompt of 8, beside ONNX
 * Runtime called without anything between. Only {@code batch} has the export {@code int4}.
 */
public final class CompareOnnx {
  private final Arguments arguments;
  private final ModelFiles files;

  private CompareOnnx(Arguments arguments) {
    this.arguments = arguments;
    this.files = new ModelFiles(Path.of(arguments.text("work")));
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("task", "context,batch,overhead");
    defaults.put("exports", "attention,grouped,int4");
    defaults.put("shape", "S");
    defaults.put("threads", "2");
    defaults.put("rounds", "5");
    defaults.put("warmup", "2");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    new CompareOnnx(Arguments.of(commandLine, defaults)).run();
  }

  private void run() throws IOException {
    System.out.println(Machine.description() + ", threads " + arguments.text("threads"));
    List<ExportForm> forms = arguments.list("exports").stream().map(ExportForm::of).toList();
    for (String task : arguments.list("task")) {
      for (ExportForm form : forms) {
        measure(task, form);
      }
    }
  }

  private void measure(String task, ExportForm form) throws IOException {
    Shape shape = Shape.valueOf(arguments.text("shape"));
    switch (task) {
      case "context" -> {
        if (form.floats()) {
          ContextCost.measure(trial(Shape.LONG, form));
        }
      }
      case "batch" -> BatchGain.measure(trial(shape, form));
      case "overhead" -> {
        if (form.floats()) {
          CallOverhead.measure(trial(shape, form));
        }
      }
      default -> throw new IllegalArgumentException("no such task: " + task);
    }
  }

  private OnnxTrial trial(Shape shape, ExportForm form) {
    return new OnnxTrial(
        files,
        shape,
        form,
        arguments.number("threads"),
        arguments.number("rounds"),
        arguments.real("warmup"));
  }
}
