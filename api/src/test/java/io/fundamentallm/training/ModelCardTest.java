package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCardTest {
  @TempDir private Path folder;

  private TrainingPlan plan(ModelCard card) {
    return TrainingPlan.builder(folder.resolve("novel"))
        .architecture("llama(layers=2,heads=2,hidden-size=64)")
        .steps(40)
        .card(card)
        .build();
  }

  private Path card() {
    return folder.resolve("novel/README.md");
  }

  /** A training of some steps, all of its loss 4 / step. */
  private void train(ModelCard card, int first, int last, String sample) throws IOException {
    TrainingPlan plan = plan(card);
    TrainingData data =
        TrainingData.ofText(ByteTokenizer.withBeginAndEnd(), "It is a truth. ".repeat(40), 0.9);
    TrainingListener writer = card.writer(data, plan);
    writer.onPlan(plan);
    for (int step = first; step <= last; step++) {
      writer.onStep(
          new TrainingListener.Progress(
              step, 40, 4.0, 1e-3, 1.5, 1e4, Duration.ofSeconds(step), Duration.ZERO));
    }
    writer.onEvaluation(new TrainingListener.Evaluation(last, 1.25, 1.5, Double.NaN, true, sample));
    Files.createDirectories(plan.modelDirectory());
    writer.onEnd(
        new TrainingResult(plan.modelDirectory(), last, 4, 1.25, 1e4, Duration.ofSeconds(last)));
  }

  @Test
  void the_card_has_the_hub_s_fields_and_the_training_in_words() throws IOException {
    train(
        ModelCard.DEFAULT
            .withLicense("apache-2.0")
            .withLanguages("en", "no")
            .withDatasets("me/novels")
            .withTags("novel", "llama")
            .withBaseModel("me/base")
            .withDescription("It writes *novels*."),
        1,
        40,
        "```\nIt is");
    assertThat(before("## Recipe"))
        .isEqualTo(
            """
            ---
            # Written with the model. The next training replaces this file, unless this line is gone.
            license: "apache-2.0"
            language:
            - "en"
            - "no"
            datasets:
            - "me/novels"
            base_model: "me/base"
            pipeline_tag: text-generation
            tags:
            - "fundamentallm"
            - "llama"
            - "novel"
            model-index:
            - name: "novel"
              results:
              - task:
                  type: text-generation
                dataset:
                  type: held-out
                  name: held-out part of the training text
                metrics:
                - type: loss
                  value: 1.2500
                - type: perplexity
                  value: 3.4903
                - type: bits_per_byte
                  value: 1.5000
            ---

            # novel

            It writes *novels*.

            ## Data

            |  | tokens |
            |---|---|
            | trained on | 541 |
            | held out | 61 |
            | read in training | 30,720 |
            | vocabulary | 258 |

            """);
    assertThat(after("## Recipe", "## Curve"))
        .contains("| architecture | llama(layers=2,heads=2,hidden-size=64) |\n")
        .contains("| steps | 40 |\n", "| optimizer | adamw, weight decay 0.1 |\n");
    String curve = after("## Curve", "## Evaluation");
    assertThat(curve).contains("\n| 4 | 4.0000 |  |\n", "\n| 40 | 4.0000 | 1.2500 |\n");
    assertThat(curve.lines().filter(line -> line.endsWith("|")).count()).isEqualTo(2 + 12);
    assertThat(after("## Evaluation", "## Licence"))
        .isEqualTo(
            """


            On all of the held-out text, after step 40:

            |  |  |
            |---|---|
            | loss, in nats per token | 1.2500 |
            | perplexity | 3.4903 |
            | bits per byte | 1.5000 |
            | accuracy |  |

            It writes:

            ````text
            ```
            It is
            ````

            """);
    assertThat(card()).content().endsWith("## Licence\n\n`apache-2.0`\n");
  }

  private String before(String end) throws IOException {
    String text = Files.readString(card());
    return text.substring(0, text.indexOf(end));
  }

  private String after(String begin, String end) throws IOException {
    String text = Files.readString(card());
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  @Test
  void of_many_evaluations_a_dozen_and_the_last_are_shown() {
    List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
    for (int step = 1; step <= 1000; step++) {
      evaluations.add(new TrainingListener.Evaluation(step, 2, 2, 0, false, ""));
    }
    evaluations.add(new TrainingListener.Evaluation(1000, 1.5, 2, 0, true, ""));
    TrainingPlan plan = plan(ModelCard.DEFAULT);
    CardText text =
        new CardText(
            ModelCard.DEFAULT,
            plan,
            new TrainingResult(plan.modelDirectory(), 1000, 4, 1.5, 1e4, Duration.ZERO),
            1,
            List.of(new CardText.Step(500, 4), new CardText.Step(1000, 3)),
            evaluations);
    String card =
        text.of(TrainingData.ofText(ByteTokenizer.withBeginAndEnd(), "It is. ".repeat(99), 0.9));
    assertThat(card).contains("\n| 500 | 4.0000 | 2.0000 |\n", "\n| 1,000 | 3.0000 | 1.5000 |\n");
    assertThat(card.lines().filter(line -> line.matches(".* \\| [12]\\.[05]000 \\|")))
        .hasSize(12 + 2);
  }

  @Test
  void another_s_file_is_never_replaced_and_an_own_one_is() throws IOException {
    train(ModelCard.DEFAULT, 1, 40, "first");
    assertThat(card()).content().contains("first", "license: \"unknown\"", "Not stated.");
    train(ModelCard.DEFAULT, 31, 35, "second");
    assertThat(card())
        .content()
        .contains("second", "from step 31 on, where the training was resumed", "| 35 | 4.0000 |")
        .doesNotContain("first");
    String edited =
        Files.readString(card()).replaceFirst("# Written.*\n", "").replace("\n", "\r\n");
    for (String own : new String[] {edited, "", "# Mine\n", "---\nlicense: mit\n---\n", "\u00ff"}) {
      Files.write(card(), own.getBytes(StandardCharsets.ISO_8859_1));
      train(ModelCard.DEFAULT, 1, 40, "third");
      assertThat(Files.readAllBytes(card())).isEqualTo(own.getBytes(StandardCharsets.ISO_8859_1));
    }
    Files.delete(card());
    train(ModelCard.none(), 1, 40, "fourth");
    assertThat(card()).doesNotExist();
  }

  @Test
  void nothing_in_a_plan_or_a_card_is_markup() throws IOException {
    train(ModelCard.DEFAULT.withLicense("a\"\n`b\u0001").withTags("- x: |"), 1, 40, "");
    assertThat(card())
        .content()
        .contains("license: \"a\\\"\\n`b\\u0001\"\n", "- \"- x: |\"\n", "`a\"\n'b\u0001`")
        .doesNotContain("It writes");
    assertThat(Markdown.escape("a|b\n*c* <d> e_f")).isEqualTo("a\\|b \\*c\\* \\<d\\> e\\_f");
    assertThat(Markdown.escape("- 1.5e-3 (x)")).isEqualTo("\\- 1.5e-3 (x)");
  }

  @Test
  void of_a_tuned_model_the_card_has_no_path_of_the_machine() throws IOException {
    Path base = folder.resolve("novel-of-my-own").toAbsolutePath();
    TrainingPlan.Builder tuning =
        TrainingPlan.builder(folder.resolve("novel")).fineTuning(FineTuning.of(base)).steps(40);
    assertThat(recipe(tuning.build(), false))
        .contains("| fine-tuning | of novel-of-my-own |")
        .contains("| windows | random |")
        .doesNotContain(Markdown.escape(folder.toString()), folder.toString());
    tuning.card(ModelCard.DEFAULT.withBaseModel("me/novel"));
    assertThat(recipe(tuning.build(), true))
        .contains("| fine-tuning | of me/novel |", "| windows | packed |");
    tuning.fineTuning(FineTuning.of(Path.of("models/novel"))).card(ModelCard.DEFAULT);
    assertThat(recipe(tuning.windows("documents").build(), true))
        .contains("| fine-tuning | of models/novel |", "| windows | documents |");
  }

  private String recipe(TrainingPlan plan, boolean examples) {
    TrainingData text =
        TrainingData.ofText(ByteTokenizer.withBeginAndEnd(), "It is a truth. ".repeat(40), 0.9);
    TrainingData data = text;
    if (examples) {
      ExampleTokens tokens = new ExampleTokens(text.tokenizer());
      tokens.add("It is", " a truth", true);
      data = TrainingData.ofTokens(text.tokenizer(), tokens.build(), 1);
    }
    return new CardText(
            plan.card(),
            plan,
            new TrainingResult(plan.modelDirectory(), 40, 4, 1.5, 1e4, Duration.ZERO),
            1,
            List.of(new CardText.Step(40, 4)),
            List.of())
        .of(data);
  }

  @Test
  void preferences_have_rewards_and_no_perplexity() throws IOException {
    TrainingPlan plan =
        plan(ModelCard.DEFAULT).toBuilder()
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss("dpo"))
            .build();
    TrainingData data =
        TrainingData.ofText(ByteTokenizer.withBeginAndEnd(), "It is a truth. ".repeat(40), 0.9);
    TrainingListener.Evaluation evaluation =
        new TrainingListener.Evaluation(40, 0.5, Double.NaN, 0.75, true, "", 0.625);
    assertThat(evaluation.perplexity()).isNaN();
    TrainingListener writer = plan.card().writer(data, plan);
    writer.onEvaluation(evaluation);
    Files.createDirectories(plan.modelDirectory());
    writer.onEnd(
        new TrainingResult(plan.modelDirectory(), 40, 0.5, 0.5, 1e4, Duration.ofSeconds(1)));
    assertThat(card())
        .content()
        .contains("Loss per pair")
        .contains("| loss, per pair | 0.5000 |")
        .contains("| reward accuracy | 0.7500 |", "| reward margin | 0.6250 |")
        .contains("type: reward_margin")
        .doesNotContain("perplexity", "bits per byte", "nats per token");
  }
}
