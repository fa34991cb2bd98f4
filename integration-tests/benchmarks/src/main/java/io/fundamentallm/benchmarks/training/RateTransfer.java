package io.fundamentallm.benchmarks.training;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.benchmarks.SharedFolder;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which learning rate is the best at which width. Rates transfer over widths (Yang et al. 2022,
 * "Tensor Programs V") where the best is the same for all, so that a small model shows the rate for
 * a large one. The recipe is the automatic plan's, for so many steps; only the width and the rate
 * differ. The losses are the same on every machine, so none has to be idle.
 *
 * <p>Arguments are {@code key=value}, with lists of some. Their defaults:
 *
 * <pre>
 * text=pride-and-prejudice      of the shared folder's corpora
 * widths=64,128,256
 * rates=0.0025,0.005,0.01,0.02,0.04
 * exponent=0         a width's rate is multiplied by (96 / width) to this power
 * layers=4
 * steps=400
 * seeds=1,2
 * threads=2
 * </pre>
 */
public final class RateTransfer {
  /** The width whose best rate the automatic plan has. */
  private static final double REFERENCE = 96;

  private final Arguments arguments;
  private final Trainer trainer;
  private final TrainingData data;

  private RateTransfer(Arguments arguments) throws IOException {
    this.arguments = arguments;
    trainer = Trainers.parse("cpu(threads=" + arguments.text("threads") + ")");
    String text = Files.readString(SharedFolder.corpus(arguments.text("text") + ".txt"));
    Tokenizer tokenizer = Tokenizers.learn("auto", text);
    data = TrainingData.ofText(tokenizer, text, 0.9);
  }

  /** Trains what the arguments say, and prints the table in Markdown. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("text", "pride-and-prejudice");
    defaults.put("widths", "64,128,256");
    defaults.put("rates", "0.0025,0.005,0.01,0.02,0.04");
    defaults.put("exponent", "0");
    defaults.put("layers", "4");
    defaults.put("steps", "400");
    defaults.put("seeds", "1,2");
    defaults.put("threads", "2");
    new RateTransfer(Arguments.of(commandLine, defaults)).run();
  }

  private void run() throws IOException {
    List<String> rates = arguments.list("rates");
    System.out.println("Validation loss, in nats a token; the best of each width is bold:\n");
    System.out.println("| width | " + String.join(" | ", rates) + " | best rate |");
    System.out.println("|---".repeat(rates.size() + 2) + "|");
    for (String width : arguments.list("widths")) {
      double[] losses = new double[rates.size()];
      for (int i = 0; i < losses.length; i++) {
        losses[i] = meanLoss(Integer.parseInt(width), Double.parseDouble(rates.get(i)));
      }
      System.out.println("| " + width + row(rates, losses));
    }
  }

  private double meanLoss(int width, double rate) throws IOException {
    double sum = 0;
    for (String seed : arguments.list("seeds")) {
      sum += loss(width, rate, Long.parseLong(seed));
    }
    return sum / arguments.list("seeds").size();
  }

  /** Infinite where the training diverges. */
  private double loss(int width, double rate, long seed) throws IOException {
    int steps = arguments.number("steps");
    double own = rate * Math.pow(REFERENCE / width, arguments.real("exponent"));
    Path directory = Files.createTempDirectory("rate");
    TrainingPlan plan =
        TrainingPlan.builder(directory).steps(steps).build().toBuilder()
            .architecture(
                "llama(layers=%s,heads=%d,hidden-size=%d)"
                    .formatted(arguments.text("layers"), width / 32, width))
            .learningRate(own, 0)
            .validation(Validation.every(steps))
            .seed(seed)
            .build();
    try {
      double loss = trainer.train(data, plan).validationLoss();
      System.err.printf(Locale.ROOT, "width %d, rate %s: %.4f%n", width, own, loss);
      return loss;
    } catch (IllegalStateException e) {
      System.err.printf(Locale.ROOT, "width %d, rate %s: %s%n", width, own, e.getMessage());
      return Double.POSITIVE_INFINITY;
    }
  }

  private static String row(List<String> rates, double[] losses) {
    int best = 0;
    for (int i = 1; i < losses.length; i++) {
      best = losses[i] < losses[best] ? i : best;
    }
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < losses.length; i++) {
      row.append(String.format(Locale.ROOT, i == best ? " | **%.4f**" : " | %.4f", losses[i]));
    }
    String edge = best == 0 ? "at most " : best == losses.length - 1 ? "at least " : "";
    double log = between(rates, losses, best);
    return row.append(String.format(Locale.ROOT, " | %s%.4f |", edge, Math.exp(log))).toString();
  }

  /** The logarithm of the rate at the bottom of a parabola through the best and its neighbours. */
  private static double between(List<String> rates, double[] losses, int best) {
    double middle = Math.log(Double.parseDouble(rates.get(best)));
    if (best == 0 || best == losses.length - 1) {
      return middle;
    }
    double left = Math.log(Double.parseDouble(rates.get(best - 1))) - middle;
    double right = Math.log(Double.parseDouble(rates.get(best + 1))) - middle;
    double down = (losses[best - 1] - losses[best]) / left;
    double up = (losses[best + 1] - losses[best]) / right;
    double curvature = (up - down) / (right - left);
    double slope = down - curvature * left;
    return Double.isFinite(curvature) && curvature > 0 ? middle - slope / (2 * curvature) : middle;
  }
}
