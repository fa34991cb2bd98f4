package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.training.TrainingListener;
import java.nio.file.Path;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * Reports a training to JDK Flight Recorder: {@code io.fundamentallm.TrainingStep}, {@code
 * .TrainingEvaluation}, {@code .TrainingCheckpoint}. An event lasts from the end of the one before,
 * listeners included. May be loaded only where the module {@code jdk.jfr} is present.
 */
final class FlightEvents implements TrainingListener {
  private static final String MODULE = "jdk.jfr";

  private Step step = new Step();
  private Validation validation = new Validation();
  private Checkpoint checkpoint = new Checkpoint();

  FlightEvents() {
    begin();
  }

  /** Whether this JVM's modules include the recorder. */
  static boolean available() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  @Name("io.fundamentallm.TrainingStep")
  @Label("Training Step")
  @Category("FundamentaLLM")
  @StackTrace(false)
  static final class Step extends Event {
    @Label("Step")
    int step;

    @Label("Loss")
    @Description("Nats per token")
    double loss;

    @Label("Learning Rate")
    double learningRate;

    @Label("Gradient Norm")
    @Description("Before clipping")
    double gradientNorm;

    @Label("Tokens per Second")
    @Description("Since the beginning, evaluations not counted")
    double tokensPerSecond;
  }

  @Name("io.fundamentallm.TrainingEvaluation")
  @Label("Training Evaluation")
  @Category("FundamentaLLM")
  @StackTrace(false)
  static final class Validation extends Event {
    @Label("Step")
    int step;

    @Label("Loss")
    @Description("Nats per token")
    double loss;

    @Label("Bits per Byte")
    double bitsPerByte;

    @Label("Accuracy")
    double accuracy;

    @Label("Whole")
    @Description("Whether it is over all validation tokens")
    boolean whole;
  }

  @Name("io.fundamentallm.TrainingCheckpoint")
  @Label("Training Checkpoint")
  @Category("FundamentaLLM")
  @StackTrace(false)
  static final class Checkpoint extends Event {
    @Label("Step")
    int step;

    @Label("Directory")
    String directory = "";
  }

  @Override
  public void onStep(Progress progress) {
    if (step.shouldCommit()) {
      step.step = progress.step();
      step.loss = progress.loss();
      step.learningRate = progress.learningRate();
      step.gradientNorm = progress.gradientNorm();
      step.tokensPerSecond = progress.tokensPerSecond();
      step.commit();
    }
    begin();
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    if (validation.shouldCommit()) {
      validation.step = evaluation.step();
      validation.loss = evaluation.loss();
      validation.bitsPerByte = evaluation.bitsPerByte();
      validation.accuracy = evaluation.accuracy();
      validation.whole = evaluation.whole();
      validation.commit();
    }
    begin();
  }

  @Override
  public void onCheckpoint(int ofStep, Path directory) {
    if (checkpoint.shouldCommit()) {
      checkpoint.step = ofStep;
      checkpoint.directory = directory.toString();
      checkpoint.commit();
    }
    begin();
  }

  private void begin() {
    step = new Step();
    step.begin();
    validation = new Validation();
    validation.begin();
    checkpoint = new Checkpoint();
    checkpoint.begin();
  }
}
