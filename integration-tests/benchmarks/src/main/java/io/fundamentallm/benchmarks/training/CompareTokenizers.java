package io.fundamentallm.benchmarks.training;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.benchmarks.SharedFolder;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * What the tokens are worth: models of one shape, given the same time, that read the same text as
 * characters and as learnt pieces. They meet in bits per byte on the text's last tenth, which
 * neither a model nor its tokenizer has seen.
 *
 * <p>Arguments are {@code key=value}. Their defaults:
 *
 * <pre>
 * text=kjv.txt       of the shared folder's corpora
 * tokenizers=bpe(vocab-size=4096);character(unknown=unk)
 * minutes=10         of training for each, evaluations not counted
 * threads=2
 * </pre>
 *
 * <p>How many steps fit into the time is found by trying, before the learning rate is planned.
 */
public final class CompareTokenizers {
  private static final double TRIAL = 20;

  private final Arguments arguments;
  private final String training;
  private final String validation;

  private CompareTokenizers(Arguments arguments) throws IOException {
    this.arguments = arguments;
    String text = Files.readString(SharedFolder.corpus(arguments.text("text")));
    int split = text.length() / 10 * 9;
    training = text.substring(0, split);
    validation = text.substring(split);
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("text", "kjv.txt");
    defaults.put("tokenizers", "bpe(vocab-size=4096);character(unknown=unk)");
    defaults.put("minutes", "10");
    defaults.put("threads", "2");
    Arguments arguments = Arguments.of(commandLine, defaults);
    System.out.println(Machine.description());
    CompareTokenizers comparison = new CompareTokenizers(arguments);
    for (String tokenizer : arguments.text("tokenizers").split(";", -1)) {
      comparison.train(tokenizer);
    }
  }

  private void train(String name) throws IOException {
    Tokenizer tokenizer = Tokenizers.learn(name, training);
    TokenSequence heldOut = TokenSequence.of(tokenizer.encode(validation));
    TrainingData data =
        new TrainingData(tokenizer, TokenSequence.of(tokenizer.encode(training)), heldOut);
    Path directory = Files.createTempDirectory("tokenizers");
    int steps = (int) (arguments.real("minutes") * 60 / secondsPerStep(data, directory));
    TrainingPlan plan = Plans.tokens(directory, Math.max(1, steps));
    TrainingResult result =
        trainer()
            .train(
                data,
                plan,
                new TrainingListener() {
                  @Override
                  public void onEvaluation(Evaluation evaluation) {
                    System.out.printf(
                        Locale.ROOT,
                        "  step %d: loss %.3f%n",
                        evaluation.step(),
                        evaluation.loss());
                  }
                });
    System.out.printf(
        Locale.ROOT,
        "%s: %.4f bits per byte; loss %.4f, vocabulary %,d, %,d tokens, %.2f bytes a token, %,d"
            + " steps in %.0f s and %.0f with evaluations, load average %.1f, %s%n",
        name,
        bitsPerByte(result.validationLoss(), tokenizer, heldOut),
        result.validationLoss(),
        tokenizer.vocabulary().size(),
        data.training().size(),
        (double) bytes(tokenizer, heldOut, 0) / heldOut.size(),
        result.steps(),
        result.steps()
            * (double) plan.batchSize()
            * plan.contextLength()
            / result.tokensPerSecond(),
        result.duration().toMillis() / 1e3,
        Machine.load(),
        result.modelDirectory());
  }

  private Trainer trainer() {
    return Trainers.parse("cpu(threads=" + arguments.text("threads") + ")");
  }

  /** Trains for some seconds, of which the second half counts. */
  private double secondsPerStep(TrainingData data, Path directory) throws IOException {
    TrainingData unmeasured =
        new TrainingData(data.tokenizer(), data.training(), TokenSequence.of());
    double[] half = new double[2]; // steps and seconds when it began
    double[] whole = new double[2];
    try {
      trainer()
          .train(
              unmeasured,
              Plans.tokens(directory, Integer.MAX_VALUE),
              new TrainingListener() {
                @Override
                public void onStep(Progress progress) {
                  double seconds = progress.elapsed().toNanos() * 1e-9;
                  if (seconds < TRIAL / 2) {
                    half[0] = progress.step();
                    half[1] = seconds;
                  } else if (seconds > TRIAL) {
                    whole[0] = progress.step();
                    whole[1] = seconds;
                    throw new CancellationException("tried for long enough");
                  }
                }
              });
    } catch (CancellationException e) {
      return (whole[1] - half[1]) / (whole[0] - half[0]);
    }
    throw new IllegalStateException("ended by itself");
  }

  /** The loss is a mean over all tokens but the first, which nothing predicts. */
  private static double bitsPerByte(double loss, Tokenizer tokenizer, TokenSequence tokens) {
    return loss / Math.log(2) * (tokens.size() - 1) / bytes(tokenizer, tokens, 1);
  }

  private static long bytes(Tokenizer tokenizer, TokenSequence tokens, int from) {
    int[] ids = new int[(int) tokens.size()];
    tokens.read(0, ids, 0, ids.length);
    long bytes = 0;
    for (int i = from; i < ids.length; i++) {
      bytes += tokenizer.bytes(ids[i]).length;
    }
    return bytes;
  }
}
