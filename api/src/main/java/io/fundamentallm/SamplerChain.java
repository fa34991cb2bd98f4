package io.fundamentallm;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.StageTrace;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.internal.buffers.LongHistory;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs stages in the written order, then the last choice. */
final class SamplerChain implements Sampler, Stateful {
  private final List<String> names; // of the processors, then of the choice
  private final List<LogitsProcessor> processors;
  private final Sampler choice;
  private long accepted;

  private SamplerChain(
      List<String> names, List<LogitsProcessor> processors, Sampler choice, long accepted) {
    this.names = names;
    this.processors = processors;
    this.choice = choice;
    this.accepted = accepted;
  }

  static SamplerChain bind(List<SamplerStage> stages, Binding binding) {
    List<String> names = new ArrayList<>();
    List<LogitsProcessor> processors = new ArrayList<>();
    Sampler choice = Sampler.draw();
    String chooses = "sample";
    try {
      for (SamplerStage named : stages) {
        SamplerStage stage = named instanceof SamplerStage.Named with ? with.stage() : named;
        if (stage instanceof SamplerStage.Choosing choosing) {
          choice = bound(named, choosing.bind().apply(binding));
          chooses =
              named instanceof SamplerStage.Named with
                  ? with.name()
                  : choice.getClass().getSimpleName();
          continue;
        }
        processors.add(processor(named, stage, binding));
        names.add(
            named instanceof SamplerStage.Named with
                ? with.name()
                : processors.get(processors.size() - 1).getClass().getSimpleName());
      }
    } catch (LinkageError e) {
      throw Registry.unlinked("a sampler stage", e);
    }
    names.add(chooses);
    return new SamplerChain(List.copyOf(names), processors, choice, 0);
  }

  private static LogitsProcessor processor(
      SamplerStage named, SamplerStage stage, Binding binding) {
    if (stage instanceof SamplerStage.Processing processing) {
      return bound(named, processing.bind().apply(binding));
    } else if (stage instanceof SamplerStage.Constraining constraining) {
      return LogitsProcessor.of(bound(named, constraining.bind().apply(binding)));
    }
    throw new IllegalStateException("a stage within a stage was not taken out: " + stage);
  }

  /** What a stage was bound to; other authors' code may return null. */
  private static <T> T bound(SamplerStage stage, @Nullable T part) {
    if (part == null) {
      throw new IllegalStateException(
          (stage instanceof SamplerStage.Named with ? "stage \"" + with.name() + '"' : "a stage")
              + " was bound to null; expected what it does in a generation");
    }
    return part;
  }

  @Override
  public int forced(Step step) {
    for (int i = 0; i < processors.size(); i++) {
      int token = processors.get(i).forced(step);
      if (token != NOT_FORCED) {
        return checked(step, i, token);
      }
    }
    int token = choice.forced(step);
    return token == NOT_FORCED ? token : checked(step, processors.size(), token);
  }

  /** A token that a stage gave; other authors' code may give what no vocabulary has. */
  private int checked(Step step, int stage, int token) {
    int size = step.model().vocabularySize();
    if (token < 0 || token >= size) {
      throw new IllegalStateException(
          "stage \""
              + names.get(stage)
              + "\" chose token "
              + token
              + "; expected one of the vocabulary, in [0, "
              + size
              + ")");
    }
    return token;
  }

  @Override
  public int sample(Step step) {
    int forced = forced(step);
    if (forced != NOT_FORCED) {
      return forced;
    }
    runStages(step);
    try {
      return checked(step, processors.size(), choice.sample(step));
    } catch (NotFiniteException e) {
      throw ofChoice(step, e);
    }
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    int forced = forced(step);
    if (forced != NOT_FORCED) {
      return Optional.of(Distribution.certain(forced));
    }
    runStages(step);
    try {
      return choice.distribution(step);
    } catch (NotFiniteException e) {
      throw ofChoice(step, e);
    }
  }

  @Override
  public void process(Step step) {
    runStages(step);
    try {
      choice.process(step);
    } catch (NotFiniteException e) {
      throw ofChoice(step, e);
    }
  }

  private NotFiniteException ofChoice(Step step, NotFiniteException e) {
    return isFinite(step.logits()) ? ofStage(names.get(processors.size()), e) : e;
  }

  private void runStages(Step step) {
    for (int i = 0; i < processors.size(); i++) {
      try {
        if (!step.isTracing()) {
          processors.get(i).process(step);
        } else {
          Distribution before = Distribution.softmax(step.logits());
          processors.get(i).process(step);
          step.trace(new StageTrace(names.get(i), before, Distribution.softmax(step.logits())));
        }
      } catch (NotFiniteException e) {
        throw isFinite(step.logits()) ? ofStage(names.get(i), e) : e;
      } catch (LinkageError e) {
        throw Registry.unlinked("stage " + processors.get(i).getClass().getName(), e);
      }
    }
  }

  /** Whether the scores are fine, so that what failed was the stage's doing. */
  private static boolean isFinite(Logits logits) {
    for (int i = 0; i < logits.count(); i++) {
      if (!(logits.score(i) < Float.POSITIVE_INFINITY)) {
        return false;
      }
    }
    return true;
  }

  private static NotFiniteException ofStage(String name, NotFiniteException e) {
    return new NotFiniteException("stage \"" + name + "\": " + e.getMessage(), e);
  }

  @Override
  public void accept(int token) {
    accepted++;
    for (int i = 0; i < processors.size(); i++) {
      processors.get(i).accept(token);
    }
    choice.accept(token);
  }

  @Override
  public SamplerChain fork() {
    List<LogitsProcessor> forked = new ArrayList<>(processors.size());
    for (LogitsProcessor processor : processors) {
      forked.add(
          processor instanceof Stateful stateful ? (LogitsProcessor) stateful.fork() : processor);
    }
    return new SamplerChain(
        names,
        forked,
        choice instanceof Stateful stateful ? (Sampler) stateful.fork() : choice,
        accepted);
  }

  @Override
  public void rollback(int tokens) {
    LongHistory.checkRollback(tokens, (int) Math.min(Integer.MAX_VALUE, accepted));
    accepted -= tokens;
    for (LogitsProcessor processor : processors) {
      if (processor instanceof Stateful stateful) {
        stateful.rollback(tokens);
      }
    }
    if (choice instanceof Stateful stateful) {
      stateful.rollback(tokens);
    }
  }
}
