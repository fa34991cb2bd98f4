package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** What is wrong is said in one line; the exit code tells a wrong command line from a failure. */
class RefusalsTest {
  @Test
  void a_wrong_command_line() throws Exception {
    refused(2, "Missing required subcommand (see: fundamentallm --help)");
    refused(
        2,
        "Unknown option: '--frown' (see: fundamentallm generate --help)",
        "generate",
        "model",
        "--frown");
    refused(2, "'x' is not an int", SmallModel.train("refused", "--steps", "x"));
    refused(
        2,
        "hiddenSize 32 is not a multiple of 3 heads",
        "train",
        "text.txt",
        "--out=refused",
        "--hidden-size=32",
        "--heads=3");
    refused(2, "Did you mean \"top-p\"?", "generate", "model", "--sampler=topp=0.9");
    refused(2, "no runtime named \"gpu\"", "generate", "model", "--runtime=gpu");
    refused(2, "expected one of [ONNX]", "convert", "model", "--to=gguf", "--out=refused");
    assertThat(SmallModel.folder().resolve("refused")).doesNotExist();
  }

  @Test
  void what_is_not_there() throws Exception {
    refused(1, "missing does not exist", "generate", "missing", "--prompt=It");
    refused(1, "missing.txt does not exist", "train", "missing.txt", "--out=refused");
    refused(1, "missing.txt does not exist", "evaluate", "model", "missing.txt");
  }

  @Test
  void a_model_that_was_cut_off() throws Exception {
    cut("model.safetensors", "cut-weights");
    cut("config.json", "cut-config");
    cut("tokenizer.json", "cut-tokenizer");

    refused(1, "model.safetensors: ", "generate", "cut-weights", "--prompt=It");
    refused(1, "config.json: malformed JSON at byte 60", "inspect", "cut-config");
    refused(1, "tokenizer.json, line ", "tokenize", "cut-tokenizer", "It");
  }

  @Test
  void where_it_came_from_is_printed_when_asked_for() throws Exception {
    Shell.Run run = SmallModel.shell().run("inspect", "missing", "--stacktrace");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("missing does not exist", "\tat io.fundamentallm.commandline.");
  }

  private static void refused(int exit, String message, String... arguments) throws Exception {
    Shell.Run run = SmallModel.shell().run(arguments);
    assertThat(run.exit()).as(run.err()).isEqualTo(exit);
    assertThat(run.err()).startsWith("fundamentallm: ").contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }

  /** A copy of the model, one of whose files ends too early. */
  private static void cut(String cut, String copy) throws IOException, InterruptedException {
    Path to = Files.createDirectories(SmallModel.folder().resolve(copy));
    for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(SmallModel.folder().resolve("model").resolve(file), to.resolve(file));
    }
    try (FileChannel channel = FileChannel.open(to.resolve(cut), StandardOpenOption.WRITE)) {
      channel.truncate(60);
    }
  }
}
