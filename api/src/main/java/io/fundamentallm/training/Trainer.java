package io.fundamentallm.training;

import io.fundamentallm.model.Cancellation;
import java.io.IOException;

/**
 * Fits the weights of an autoregressive model to tokens: maximum likelihood by teacher forcing,
 * that is, each token is predicted from the actual ones before it. Thread-safe; each call is a
 * separate training run.
 */
@FunctionalInterface
public interface Trainer {
  /**
   * Refuses a plan that this trainer can't carry out with any data: recipes with unknown names or
   * options, settings that don't fit together. Does no work and opens no file, so a caller can
   * check before encoding text. What only the model to start from can tell is seen when the
   * training begins: whether it has the layers that {@link FineTuning.Lora#targets()} and {@link
   * FineTuning#frozen()} name, and as many positions as {@code contextLength}. {@link #train} and
   * {@link #local} check too, before anything else.
   *
   * @throws IllegalArgumentException that names what is wrong and what is available
   */
  default void check(TrainingPlan plan) {}

  /**
   * Chooses what a plan leaves {@linkplain TrainingPlan#open() open}, as {@link #train} would for
   * these data. With a budget of time some steps are taken here, to see how long they take, and the
   * plan's model directory is created.
   *
   * @param cancellation asked at every such step
   * @return the plan with nothing open that this trainer chooses; by default as it was given
   * @throws IllegalArgumentException as {@link #check} does, and when plan and data do not fit
   *     together
   * @throws IOException when a checkpoint to resume from, or a model to start from, cannot be read
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  default TrainingPlan choose(TrainingData data, TrainingPlan plan, Cancellation cancellation)
      throws IOException {
    return plan;
  }

  /** Trains to the end of the plan, without cancellation. */
  default TrainingResult train(TrainingData data, TrainingPlan plan, TrainingListener... listeners)
      throws IOException {
    return train(data, plan, Cancellation.none(), listeners);
  }

  /**
   * Trains, after choosing what the plan leaves {@linkplain TrainingPlan#open() open}, and writes
   * the model directory that the plan names: weights, configuration and tokenizer, so that {@link
   * io.fundamentallm.TextGenerator#load} can open it, and the {@linkplain TrainingPlan#card()
   * card}. A model that a training wrote there is replaced, unless there are checkpoints of it.
   *
   * @param cancellation asked at every step
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   * @throws IllegalStateException when the loss is no longer finite; names the step, the part of
   *     the model where it began, and what to change. Checkpoints stay. Also when the heap is too
   *     small for the training; gives the figures
   * @throws IOException when the directory cannot be written; when it has files that no training
   *     wrote and the plan does not {@linkplain TrainingPlan#overwrites() overwrite} them; when
   *     another thread or process is training into it; when it has checkpoints of an earlier
   *     training and the plan does not {@linkplain Checkpointing#resume() resume}, whether or not
   *     it writes any itself; when it resumes with other settings than {@link
   *     Checkpointing#changed()} allows
   * @throws java.util.concurrent.CancellationException when cancelled. No model is written then. If
   *     the plan has checkpoints, one is written for the last step, from which a plan that {@link
   *     Checkpointing#resume() resumes} continues
   */
  TrainingResult train(
      TrainingData data,
      TrainingPlan plan,
      Cancellation cancellation,
      TrainingListener... listeners)
      throws IOException;

  /**
   * Prepares training in rounds of local steps, for several machines. Ignores the plan's
   * validation, averaging, checkpoints and budget, and chooses nothing that differs between
   * machines: where the plan names no architecture, all take the same small one; {@link #choose} on
   * one of them finds a better one for all. The plan's steps are those of all rounds together, and
   * the learning rate follows them. Machines that read the same tokens need plans with different
   * seeds to see different windows.
   *
   * @throws IllegalArgumentException when plan and data do not fit together, or the plan names a
   *     recipe that the trainer does not know, also one that would be ignored; says how
   * @throws IOException when the directory cannot be created, has checkpoints or files that no
   *     training wrote, or the model to start from cannot be read
   * @throws UnsupportedOperationException if the trainer has no such rounds
   */
  default LocalTraining local(TrainingData data, TrainingPlan plan) throws IOException {
    throw new UnsupportedOperationException(getClass().getName() + " has no local training");
  }
}
