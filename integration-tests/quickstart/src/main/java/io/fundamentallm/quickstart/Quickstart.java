package io.fundamentallm.quickstart;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingReport;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Trains a small model on a text, measures it on the part that it has not seen, and lets it write.
 * Reads the system properties {@code text} (a file; by default the bundled novel), {@code steps}
 * (by default as many as fit into a minute) and {@code seed}; leaves the model and a report with
 * its curves in {@code target/quickstart}.
 */
public final class Quickstart {
  /** Cautious ones: so small a model makes up words where it draws from all that is possible. */
  private static final List<String> SAMPLERS =
      List.of("greedy", "temperature=0.5", "temperature=0.7,top-k=5", "temperature=0.7,top-p=0.8");

  private static final int NEW_TOKENS = 150;

  private static final String RIGHT =
      "It is a truth universally acknowledged, that a single man in possession of a good fortune,"
          + " must be in want of a wife.";
  private static final String WRONG = RIGHT.replace("wife", "horse");

  private static final String SCHEMA =
      "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\", \"maxLength\": 20},"
          + " \"married\": {\"type\": \"boolean\"}, \"age\": {\"type\": \"integer\", \"minimum\": 1,"
          + " \"maximum\": 99}}, \"required\": [\"name\", \"married\", \"age\"],"
          + " \"additionalProperties\": false}";

  private final Settings settings;
  private final Path directory;
  private final PrintStream out;

  private Quickstart(Settings settings, Path directory, PrintStream out) {
    this.settings = settings;
    this.directory = directory;
    this.out = out;
  }

  /** Exits with 1 and one line that says why, should something be wrong. */
  @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 need -Djdk.console=java.base for it
  public static void main(String[] args) {
    Path directory = Path.of("target", "quickstart");
    boolean terminal = System.console() != null;
    System.exit(run(System::getProperty, directory, System.out, System.err, terminal));
  }

  static int run(
      UnaryOperator<String> properties,
      Path directory,
      PrintStream out,
      PrintStream err,
      boolean terminal) {
    try {
      new Quickstart(Settings.read(properties), directory, out).run(terminal);
      return 0;
    } catch (IOException e) {
      err.println("quickstart: " + e);
    } catch (IllegalArgumentException | IllegalStateException | ProviderException e) {
      err.println("quickstart: " + e.getMessage());
    }
    return 1;
  }

  private void run(boolean terminal) throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("auto", settings.text());
    TrainingData data = TrainingData.ofText(tokenizer, settings.text(), 0.9);
    TrainingPlan.Builder builder =
        TrainingPlan.builder(directory.resolve("model"))
            .budget(Duration.ofMinutes(1))
            .seed(settings.seed());
    settings.steps().ifPresent(builder::steps);
    TrainingPlan plan = builder.build();
    requireLongEnough(data, plan);
    out.printf(
        Locale.ROOT,
        "Training on %s: %,d characters, %,d tokens of %,d kinds; %s, seed %d%n",
        settings.name(),
        settings.text().codePoints().count(),
        data.training().size() + data.validation().size(),
        tokenizer.vocabulary().size(),
        settings.steps().isPresent() ? plan.steps() + " steps" : "one minute",
        plan.seed());

    Path page = directory.resolve("report.html");
    TrainingResult result;
    try (TrainingReport report = TrainingReport.of(page, plan)) {
      result = Trainers.configured().train(data, plan, new ProgressBar(out, terminal), report);
    }
    out.println("Wrote " + result.modelDirectory() + " and " + page);

    try (LanguageModel model = LanguageModels.load(result.modelDirectory())) {
      out.println("Loaded " + model.info());
      int[] heldOut = new int[(int) data.validation().size()];
      data.validation().read(0, heldOut, 0, heldOut.length);
      measure(tokenizer, model, heldOut, result.tokensPerSecond());
      String prompt = prompt(tokenizer.decode(heldOut));
      TextGenerator generator =
          TextGenerator.of(tokenizer, model)
              // the text may grow beyond the tokens that the model sees at a time
              .with(options -> options.contextPolicy(ContextPolicy.truncateLeft()))
              .withMaxNewTokens(NEW_TOKENS)
              .withSeed(settings.seed());
      write(generator, prompt);
      compare(TextScorer.of(tokenizer, model), prompt);
      answer(generator);
      printNextSteps(result.modelDirectory(), prompt);
    }
  }

  /** The last tenth of the text has to fill one window of inputs and targets. */
  private void requireLongEnough(TrainingData data, TrainingPlan plan) {
    int window = plan.contextLength() + 1;
    if (data.validation().size() < window) {
      throw new IllegalArgumentException(
          String.format(
              "%s is too short: of its %d tokens the last tenth is held out for validation, and"
                  + " that has to be a window of at least %d; expected %d tokens or more, some"
                  + " pages",
              settings.name(),
              data.training().size() + data.validation().size(),
              window,
              10 * window));
    }
  }

  /** Reads the held-out part once, in windows of the context that training had too. */
  private void measure(
      Tokenizer tokenizer, LanguageModel model, int[] heldOut, double tokensPerSecond) {
    int context = model.info().contextLength();
    TextScore score = TextScorer.of(tokenizer, model).withStride(context).score(heldOut);
    out.printf(
        Locale.ROOT,
        "bits per character %.2f, validation loss %.3f and perplexity %.2f a token, %.0f"
            + " tokens/s%n",
        score.bitsPerCharacter(),
        -score.logProbability() / score.tokens().size(),
        score.perplexity(),
        tokensPerSecond);
  }

  private void write(TextGenerator generator, String prompt) {
    WordCount words = new WordCount(settings.text());
    for (String sampler : SAMPLERS) {
      out.printf("%n== %s%n%s", sampler, prompt);
      StringBuilder text = new StringBuilder();
      try (Stream<String> pieces = generator.withSampler(sampler).stream(prompt)) {
        pieces.forEach(
            piece -> {
              out.print(piece);
              out.flush();
              text.append(piece);
            });
      }
      out.println();
      words.count(text);
    }
    out.printf("%n%s%n", words.summary(settings.name()));
  }

  /** How much each of two sentences surprises the model, of which one is wrong. */
  private void compare(TextScorer scorer, String line) {
    List<String> words = Arrays.asList(line.split("\\s+"));
    Collections.reverse(words);
    String right = settings.isNovel() ? RIGHT : line;
    String wrong = settings.isNovel() ? WRONG : String.join(" ", words);
    out.printf("%n== surprisal: the model expects a sentence the more, the fewer bits it has%n");
    for (String sentence : List.of(right, wrong)) {
      double bits = -scorer.score(sentence).logProbability() / Math.log(2);
      out.printf(Locale.ROOT, "%6.1f bits  %s%n", bits, sentence);
    }
  }

  /** Only tokens are drawn after which the text can still become what the schema allows. */
  private void answer(TextGenerator generator) {
    String document =
        generator
            .withConstraint("json-schema(value=" + Spec.quoted(SCHEMA) + ",max-whitespace=0)")
            .withSampler("temperature=0.7")
            .generate("The gentleman was Mr.");
    out.printf("%n== json-schema=%s%n%s%n", SCHEMA, document);
  }

  /** Some words from the text's held-out part: the first whole line, or its beginning. */
  private static String prompt(String heldOut) {
    String line =
        heldOut.lines().skip(1).filter(text -> !text.isBlank()).findFirst().orElse(heldOut).strip();
    if (line.codePointCount(0, line.length()) <= 32) {
      return line;
    }
    String start = line.substring(0, line.offsetByCodePoints(0, 32));
    int space = start.lastIndexOf(' ');
    return space > 0 ? start.substring(0, space) : start;
  }

  private void printNextSteps(Path model, String prompt) {
    out.printf("%nOn a page in your browser: two commands, then open http://127.0.0.1:8080/%n%n");
    out.println("  mvn -q -DskipTests -pl integration-tests/web-service -am package");
    out.printf(
        "  java --add-modules jdk.incubator.vector -jar"
            + " integration-tests/web-service/target/fundamentallm-web-service-%s.jar"
            + " --fundamentallm.model=%s%n",
        settings.version(), model);
    out.printf("%nThe same in your program:%n%n");
    out.printf(
        "  var generator = TextGenerator.load(Path.of(%s)).withSampler(\"temperature=0.5\");%n",
        quoted(model.toString()));
    out.println(
        "  generator ="
            + " generator.with(options -> options.contextPolicy(ContextPolicy.truncateLeft()));");
    out.printf("  generator.stream(%s).forEach(System.out::print);%n", quoted(prompt));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
