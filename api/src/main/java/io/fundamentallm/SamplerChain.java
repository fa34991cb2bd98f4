package io.fundamentallm;

import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs stages in the written order, then the last choice. */
final class SamplerChain implements Sampler, Stateful {
  private final List<LogitsProcessor> processors;
  private final Sampler choice;
  private long accepted;

  private SamplerChain(List<LogitsProcessor> processors, Sampler choice, long accepted) {
    this.processors = processors;
    this.choice = choice;
    this.accepted = accepted;
  }

  static SamplerChain bind(List<SamplerStage> stages, Binding binding) {
    List<LogitsProcessor> processors = new ArrayList<>();
    Sampler choice = new Draw();
    try {
      for (SamplerStage stage : stages) {
        if (stage instanceof SamplerStage.Processing processing) {
          processors.add(processing.bind().apply(binding));
        } else if (stage instanceof SamplerStage.Choosing choosing) {
          choice = choosing.bind().apply(binding);
        }
      }
    } catch (LinkageError e) {
      throw Registry.misaligned("a sampler stage", e);
    }
    return new SamplerChain(processors, choice, 0);
  }

  @Override
  public int sample(Step step) {
    process(step);
    return choice.sample(step);
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    process(step);
    return choice.distribution(step);
  }

  private void process(Step step) {
    for (int i = 0; i < processors.size(); i++) {
      try {
        processors.get(i).process(step);
      } catch (LinkageError e) {
        throw Registry.misaligned("stage " + processors.get(i).getClass().getName(), e);
      }
    }
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
        forked, choice instanceof Stateful stateful ? (Sampler) stateful.fork() : choice, accepted);
  }

  @Override
  public void rollback(int tokens) {
    if (tokens < 0 || tokens > accepted) {
      throw new IllegalArgumentException(
          "cannot roll back " + tokens + " of " + accepted + " tokens");
    }
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
