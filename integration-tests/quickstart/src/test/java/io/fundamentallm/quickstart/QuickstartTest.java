package io.fundamentallm.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.TextGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole application, with the published jars behind it. */
class QuickstartTest {
  private static final Pattern FIGURES =
      Pattern.compile(
          "(?m)^bits per character (\\d\\.\\d{2}), validation loss (\\d\\.\\d{3})"
              + " and perplexity \\d+\\.\\d{2} a token, \\d+ tokens/s$");

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void it_trains_reloads_measures_and_writes() throws Exception {
    Path text = Files.writeString(directory.resolve("short.txt"), novel().substring(2000, 22000));

    assertThat(run(Map.of("text", text.toString(), "steps", "3", "seed", "7"))).isZero();

    assertThat(errors()).isEmpty();
    assertThat(output())
        .contains("20,000 characters", "3 steps, seed 7", "step 3/3", "The same in your program:")
        .contains("== greedy\n", "== temperature=0.5\n", "== temperature=0.7,top-k=5\n")
        .contains("== temperature=0.7,top-p=0.8\n", "== surprisal", "== json-schema=")
        .contains("open http://127.0.0.1:8080/");
    figures();
    try (TextGenerator generator = TextGenerator.load(directory.resolve("out/model"))) {
      assertThat(generator.withSeed(7).withMaxNewTokens(20).generate("the")).isNotEmpty();
    }
  }

  @Test
  void the_reloaded_model_measures_what_the_trainer_measured() throws Exception {
    Path text = Files.writeString(directory.resolve("short.txt"), novel().substring(2000, 22000));

    assertThat(run(Map.of("text", text.toString(), "steps", "10"))).isZero();

    // the trainer's windows and the scorer's lie one token apart: the scorer puts a begin token
    assertThat(Double.parseDouble(figures().group(2)))
        .isCloseTo(trainersValidationLoss(), within(0.02));
  }

  @Test
  void the_report_shows_all_that_was_measured() throws Exception {
    Path text = Files.writeString(directory.resolve("short.txt"), novel().substring(0, 20000));

    run(Map.of("text", text.toString(), "steps", "4"));

    String report = Files.readString(directory.resolve("out/report.html"));
    assertThat(report).contains("finished after 4 steps", "Loss, in nats per token");
    // after each of the four steps
    assertThat(report.split("<circle", -1)).hasSize(5);
  }

  @Test
  void one_seed_writes_the_same_text_again() throws Exception {
    Path text = Files.writeString(directory.resolve("short.txt"), novel().substring(0, 20000));
    Map<String, String> properties = Map.of("text", text.toString(), "steps", "2");

    run(properties);
    String first = written();
    out.reset();
    run(properties);

    assertThat(written()).isEqualTo(first).contains("== greedy");
  }

  @Tag("long")
  @Test
  void on_the_novel_1000_steps_reach_1_61_bits_a_character_and_write_words_of_the_novel() {
    assertThat(run(Map.of("steps", "1000")))
        .isZero(); // what a minute allows depends on the machine

    assertThat(Double.parseDouble(figures().group(1))).isLessThanOrEqualTo(1.61);
    assertThat(knownWords()).isGreaterThanOrEqualTo(98);
  }

  private int run(Map<String, String> properties) {
    return Quickstart.run(
        properties::get,
        directory.resolve("out"),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false);
  }

  private MatchResult figures() {
    Matcher figures = FIGURES.matcher(output());
    assertThat(figures.find()).as(output()).isTrue();
    return figures.toMatchResult();
  }

  private double trainersValidationLoss() {
    Matcher loss = Pattern.compile("held-out part: (\\d\\.\\d{3})").matcher(output());
    assertThat(loss.find()).as(output()).isTrue();
    return Double.parseDouble(loss.group(1));
  }

  private int knownWords() {
    Matcher share = Pattern.compile("words it wrote \\((\\d+) %\\)").matcher(output());
    assertThat(share.find()).as(output()).isTrue();
    return Integer.parseInt(share.group(1));
  }

  private String written() {
    return output().substring(output().indexOf("== greedy"));
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static String novel() throws IOException {
    return Settings.read(name -> null).text();
  }
}
