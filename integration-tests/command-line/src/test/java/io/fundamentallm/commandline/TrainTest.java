package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Training, also when something comes between. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class TrainTest {
  @Test
  void it_tells_how_far_it_is_and_leaves_a_model_with_its_curves() throws Exception {
    Run run = SmallModel.training();

    assertThat(run.out())
        .contains("tokens to train on", "step 120/120, loss ", " tokens/s, 0:00 left")
        .contains("after step 120: validation loss ", " bits per byte")
        .contains("wrote model and model")
        .doesNotContain("\r", "over a part");
    assertThat(run.out().lines().filter(line -> line.startsWith("step "))).hasSize(20);
    assertThat(run.err()).isEmpty();
    Path model = SmallModel.folder().resolve("model");
    assertThat(model)
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**model.safetensors")
        .isDirectoryContaining("glob:**tokenizer.json")
        .isDirectoryNotContaining("glob:**.tokens");
    assertThat(Files.readString(model.resolve("report.html"))).contains("finished after 120 steps");
  }

  @Test
  void it_logs_where_it_is_told_to_and_writes_a_card() throws Exception {
    Path folder = SmallModel.folder();
    String[] options = {"--steps=4", "--tensorboard=runs/logged", "--csv=logged.csv"};
    Run run = Shell.in(folder).run(SmallModel.train("logged", options));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(folder.resolve("runs/logged")).isDirectoryContaining("glob:**tfevents**");
    assertThat(folder.resolve("logged.csv")).content().contains("step,loss,", "\n4,");
    Path card = folder.resolve("logged/README.md");
    assertThat(card).content().startsWith("---\n#").contains("license: \"unknown\"");

    assertThat(
            Shell.in(folder)
                .run(SmallModel.train("cardless", "--steps=4", "--no-card", "--license=mit"))
                .exit())
        .isZero();
    assertThat(folder.resolve("cardless/README.md")).doesNotExist();
    Files.delete(card);
    String[] licensed = {"--steps=6", "--license=mit", "--resume", "--changed=steps"};
    assertThat(Shell.in(folder).run(SmallModel.train("logged", licensed)).exit()).isZero();
    assertThat(card).content().contains("license: \"mit\"", "from step 5 on");
  }

  @Test
  void a_training_that_was_killed_goes_on_to_the_same_bits() throws Exception {
    Path folder = SmallModel.folder();
    String[] steps = {"--steps", "240", "--checkpoint-every", "40"};
    assertThat(Shell.in(folder).run(SmallModel.train("whole", steps)).exit()).isZero();

    Path killed = kill(folder, steps);
    steps = new String[] {"--steps", "240", "--checkpoint-every", "40", "--resume"};
    Run resumed = Shell.in(folder).run(SmallModel.train(killed.getFileName().toString(), steps));

    assertThat(resumed.exit()).as(resumed.err()).isZero();
    assertThat(resumed.out()).doesNotContain("step 12/240", "step 72/240").contains("step 240/240");
    assertThat(killed.resolve("model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
  }

  /** Where a training was killed in its middle; one that was over by then is no such place. */
  private static Path kill(Path folder, String... steps) throws Exception {
    for (int attempt = 0; attempt < 50; attempt++) {
      Path result = folder.resolve("killed-" + attempt);
      Process training =
          Shell.in(folder).start(SmallModel.train(result.getFileName().toString(), steps));
      boolean reached = reaches(result, 80, training);
      training.destroyForcibly().waitFor();
      if (reached
          && !Files.exists(result.resolve("checkpoint-240"))
          && !Files.exists(result.resolve("model.safetensors"))) {
        return result;
      }
    }
    throw new AssertionError("each training was over before it could be killed");
  }

  @Test
  void a_training_that_is_stopped_keeps_its_last_step() throws Exception {
    Path folder = SmallModel.folder();
    Process stopped =
        Shell.in(folder)
            .start(SmallModel.train("stopped", "--steps", "9999999", "--checkpoint-every", "20"));
    assertThat(reaches(folder.resolve("stopped"), 20, stopped)).isTrue();

    stopped.toHandle().destroy(); // Process.destroy would close the output, too
    String out = new String(stopped.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(stopped.waitFor()).as(out).isEqualTo(143);
    assertThat(out).containsPattern("stopped after step \\d+; the same command with --resume");
    String step = out.replaceAll("(?s).*stopped after step (\\d+);.*", "$1");
    assertThat(folder.resolve("stopped/checkpoint-" + step)).isDirectory();
    assertThat(Files.readString(folder.resolve("stopped/report.html"))).contains("stopped: ");
  }

  @Test
  void what_a_resumed_training_does_not_do_is_told() throws Exception {
    Path folder = SmallModel.folder();
    String[] first = SmallModel.train("done", "--budget=2s", "--resume");
    assertThat(Shell.in(folder).run(first).out())
        .contains("there is no checkpoint in done: the training begins anew")
        .doesNotContain("the checkpoint's");
    Run again = Shell.in(folder).run(SmallModel.train("done", "--budget=1s", "--resume"));
    assertThat(again.exit()).as(again.err()).isZero();
    assertThat(again.out())
        .contains("the number of steps is the checkpoint's", "was already finished")
        .doesNotContain("tokens/s", "there is no checkpoint");
  }

  @Test
  void a_second_training_leaves_the_first_alone() throws Exception {
    Path folder = SmallModel.folder();
    String[] train = SmallModel.train("first", "--steps", "4", "--checkpoint-every", "2");
    assertThat(Shell.in(folder).run(train).exit()).isZero();
    String page = Files.readString(folder.resolve("first/report.html"));

    Run second = Shell.in(folder).run(train);

    assertThat(second.exit()).isEqualTo(1);
    assertThat(second.err()).contains("checkpoint-4 is of an earlier training").hasLineCount(1);
    assertThat(folder.resolve("first/report.html")).hasContent(page);
  }

  @Test
  void another_text_or_number_of_steps_is_refused_by_name_unless_it_is_said() throws Exception {
    Path folder = SmallModel.folder();
    String[] train = SmallModel.train("changed", "--steps", "4", "--checkpoint-every", "2");
    assertThat(Shell.in(folder).run(train).exit()).isZero();
    Path model = folder.resolve("changed/model.safetensors");
    byte[] weights = Files.readAllBytes(model);
    // as many characters, and as many different ones
    String other = Files.readString(folder.resolve("text.txt")).replace('w', 'W');
    Files.writeString(folder.resolve("other.txt"), other);

    String[] longer = {"--steps", "8", "--checkpoint-every", "2", "--resume"};
    train = SmallModel.train("changed", longer);
    train[1] = "other.txt";
    Run refused = Shell.in(folder).run(train);

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .contains("checkpoint-4 cannot be resumed: it has steps 4 and not 8; ")
        .contains("data.training ", "data.validation ", "name what is to differ: --changed=")
        .doesNotContain("data.tokenizer")
        .hasLineCount(1);
    assertThat(model).hasBinaryContent(weights);

    longer =
        new String[] {"--steps", "8", "--checkpoint-every", "2", "--resume", "--changed=steps"};
    Run said = Shell.in(folder).run(SmallModel.train("changed", longer));
    assertThat(said.exit()).as(said.err()).isZero();
    assertThat(said.out()).contains("step 8/8");
  }

  @Test
  void another_text_goes_on_with_the_tokenizer_of_the_checkpoint() throws Exception {
    Path folder = SmallModel.folder();
    String[] train = SmallModel.train("more", "--steps", "4", "--checkpoint-every", "2");
    assertThat(Shell.in(folder).run(train).exit()).isZero();
    byte[] tokenizer = Files.readAllBytes(folder.resolve("more/tokenizer.json"));
    String longer = Files.readString(folder.resolve("text.txt")) + "Zebras quiz vexed jackdaws. ";
    Files.writeString(folder.resolve("longer.txt"), longer.repeat(2));

    String changed = "--changed=steps,data.training,data.validation";
    train =
        SmallModel.train("more", "--steps", "8", "--checkpoint-every", "2", "--resume", changed);
    train[1] = "longer.txt";
    Run further = Shell.in(folder).run(train);
    assertThat(further.exit()).as(further.err()).isZero();
    assertThat(folder.resolve("more/tokenizer.json")).hasBinaryContent(tokenizer);

    train = Arrays.copyOf(train, train.length + 1);
    train[train.length - 1] = "--tokenizer=auto";
    Run another = Shell.in(folder).run(train);
    assertThat(another.exit()).isEqualTo(1);
    assertThat(another.err()).contains("data.tokenizer ");
  }

  @Test
  void a_second_command_into_the_same_directory_is_told_and_the_first_goes_on() throws Exception {
    Path folder = SmallModel.folder();
    String[] train = SmallModel.train("busy", "--steps", "9999999", "--checkpoint-every", "20");
    Process first = Shell.in(folder).start(train);
    try {
      assertThat(reaches(folder.resolve("busy"), 20, first)).isTrue();

      Run second = Shell.in(folder).run(train);

      assertThat(second.exit()).isEqualTo(1);
      assertThat(second.err())
          .contains("another process is training into busy; wait until it has ended")
          .hasLineCount(1);
      assertThat(second.out()).doesNotContain("tokens to train on");
      assertThat(folder.resolve("busy/training.tokens")).exists();
      assertThat(first.isAlive()).isTrue();
    } finally {
      first.destroyForcibly().waitFor();
    }
  }

  /**
   * Waits for a checkpoint of the step or a later one: only the last few are kept, so that each may
   * be gone before anybody saw it.
   *
   * @return false if the training ended first
   */
  private static boolean reaches(Path directory, int step, Process training)
      throws InterruptedException {
    do {
      String[] names = directory.toFile().list();
      if (names != null
          && Stream.of(names)
              .filter(name -> name.matches("checkpoint-\\d{1,9}"))
              .anyMatch(name -> Integer.parseInt(name.substring("checkpoint-".length())) >= step)) {
        return true;
      }
    } while (!training.waitFor(10, TimeUnit.MILLISECONDS));
    return false;
  }
}
