package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tasks of lm-evaluation-harness; their figures are tested in the library. */
class EvaluateTaskTest {
  private static void write(String file, String... lines) throws Exception {
    Files.write(SmallModel.folder().resolve(file), List.of(lines));
  }

  @Test
  void a_task_gives_its_metrics_and_the_harness_s_file() throws Exception {
    write(
        "wives.jsonl",
        "{\"query\":\"in want of a\",\"choices\":[\"wife.\",\"zq€qz\"],\"gold\":0}",
        "{\"query\":\"a good\",\"choices\":[\"xx€yy\",\"fortune\"],\"gold\":1}",
        "{\"query\":\"a single\",\"choices\":[\"man\",\"qqq\"],\"gold\":0}");
    String[] command = {"evaluate", "model", "wives.jsonl", "--task=multiple_choice"};

    Run words = run(command);
    Run json = run(command, "--shots=1", "--limit=2", "--json", "--out=results.json");

    assertThat(words.exit()).as(words.err()).isZero();
    assertThat(words.out().lines())
        .contains("acc 1.0000 ± 0.0000", "acc_norm 1.0000 ± 0.0000")
        .endsWith("(wives, 3 of 3 documents, 0-shot)");
    assertThat(words.err()).isEmpty();
    assertThat(json.exit()).as(json.err()).isZero();
    assertThat(json.out()).contains("\"acc_norm,none\" : ", "\"n-shot\"", "\"effective\" : 2");
    Path file = SmallModel.folder().resolve("results.json");
    assertThat(file).content().isEqualToIgnoringWhitespace(json.out());

    Run unwritten = run(command, "--out=wives.jsonl/results.json");
    assertThat(unwritten.exit()).isEqualTo(1);
    assertThat(unwritten.err()).contains("wives.jsonl").hasLineCount(1);
    assertThat(unwritten.out()).isEqualTo(words.out());
  }

  private static Run run(String[] command, String... more)
      throws IOException, InterruptedException {
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return SmallModel.shell().run(all);
  }

  @Test
  void what_is_no_task_is_refused() throws Exception {
    write("bad.jsonl", "{\"query\":\"q\",\"choices\":[\"a\",\"b\"],\"gold\":2}");
    refused(
        1,
        "bad.jsonl, line 1: expected a number from 0 to 1 in \"gold\", found 2",
        "--task=multiple_choice");
    refused(2, "there is no task \"mmlu\"; there are hellaswag, arc_easy", "--task=mmlu");
    refused(2, "--out need a --task", "--shots=2");
    refused(2, "--stride is for a text", "--stride=2", "--task=perplexity");
  }

  private static void refused(int exit, String message, String... options) throws Exception {
    Run run = run(new String[] {"evaluate", "model", "bad.jsonl"}, options);
    assertThat(run.exit()).as(run.err()).isEqualTo(exit);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }
}
