package io.fundamentallm.commandline;

import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingReport;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The library's report, begun with the first step: a training that is refused earlier, such as one
 * into another's directory, does not touch the other's page.
 */
final class Curves implements TrainingListener, AutoCloseable {
  private final Path file;
  private TrainingPlan plan;
  private @Nullable TrainingMemory memory;
  private @Nullable TrainingReport report;

  Curves(Path file, TrainingPlan plan) {
    this.file = file;
    this.plan = plan;
  }

  private TrainingReport begun() {
    TrainingReport page = report;
    if (page == null) {
      try {
        page = TrainingReport.of(file, plan);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (memory != null) {
        page.onMemory(memory);
      }
      report = page;
    }
    return page;
  }

  @Override
  public void onPlan(TrainingPlan chosen) {
    plan = chosen;
    if (report != null) {
      report.onPlan(chosen);
    }
  }

  @Override
  public void onMemory(TrainingMemory planned) {
    memory = planned;
  }

  @Override
  public void onStep(Progress progress) {
    begun().onStep(progress);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    begun().onEvaluation(evaluation);
  }

  @Override
  public void onCheckpoint(int step, Path directory) {
    begun().onCheckpoint(step, directory);
  }

  @Override
  public void onEnd(TrainingResult result) {
    begun().onEnd(result);
  }

  @Override
  public void onFailure(Throwable cause) {
    if (report != null) {
      report.onFailure(cause);
    }
  }

  @Override
  public void close() throws IOException {
    if (report != null) {
      report.close();
    }
  }
}
