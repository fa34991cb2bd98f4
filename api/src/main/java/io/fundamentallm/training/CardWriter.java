package io.fundamentallm.training;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes the curve of a training, and writes the model's card at its end. */
final class CardWriter implements TrainingListener {
  static final String MARK =
      "# Written with the model. The next training replaces this file, unless this line is gone.";

  /** Steps whose training loss the card shows, and at most as many with a validation loss. */
  static final int ROWS = 12;

  private final ModelCard card;
  private final TrainingData data;
  private final List<CardText.Step> curve = new ArrayList<>();
  private final List<Evaluation> evaluations = new ArrayList<>();
  private TrainingPlan plan;
  private int first;
  private double sum;
  private int summed;

  CardWriter(ModelCard card, TrainingData data, TrainingPlan plan) {
    this.card = card;
    this.data = data;
    this.plan = plan;
  }

  @Override
  public void onPlan(TrainingPlan chosen) {
    plan = chosen;
  }

  /** A point of the curve is the mean of the steps since the one before it. */
  @Override
  public void onStep(Progress progress) {
    int step = progress.step();
    first = first == 0 ? step : first;
    sum += progress.loss();
    summed++;
    long part = (long) step * ROWS / progress.steps();
    if (step == progress.steps() || part > (long) (step - 1) * ROWS / progress.steps()) {
      curve.add(new CardText.Step(step, sum / summed));
      sum = 0;
      summed = 0;
    }
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    evaluations.add(evaluation);
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (summed > 0) { // it stopped early
      curve.add(new CardText.Step(result.steps(), sum / summed));
      summed = 0; // whoever is interrupted calls again
    }
    Path file = result.modelDirectory().resolve("README.md");
    try {
      if (isOurs(file)) {
        CardText text = new CardText(card, plan, result, first, curve, evaluations);
        AtomicFile.write(file, StandardCharsets.UTF_8.encode(text.of(data)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the file is missing, or begins as a card does. */
  private static boolean isOurs(Path file) throws IOException {
    if (!Files.exists(file)) {
      return true;
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      @Nullable String opening = lines.readLine();
      return "---".equals(opening) && MARK.equals(lines.readLine());
    } catch (MalformedInputException e) {
      return false;
    }
  }
}
