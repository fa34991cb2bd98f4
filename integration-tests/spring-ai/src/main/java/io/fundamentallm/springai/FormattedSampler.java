package io.fundamentallm.springai;

import io.fundamentallm.Distribution;
import io.fundamentallm.Recipe;
import io.fundamentallm.Sampler;
import io.fundamentallm.Stateful;
import io.fundamentallm.Step;
import java.util.Optional;

/**
 * A format before a sampler: the first leaves the tokens that fit, the second chooses among them.
 * So a format can be put before any sampler of the application, whatever it was made from.
 */
final class FormattedSampler implements Sampler, Stateful {
  private final Sampler format;
  private final Sampler choice;

  private FormattedSampler(Sampler format, Sampler choice) {
    this.format = format;
    this.choice = choice;
  }

  /** Makes both for each generation. */
  static Recipe<Sampler> recipe(Recipe<Sampler> format, Recipe<Sampler> choice) {
    return binding -> new FormattedSampler(format.bind(binding), choice.bind(binding));
  }

  @Override
  public int sample(Step step) {
    int forced = forced(step);
    if (forced >= 0) {
      return forced;
    }
    format.process(step);
    return choice.sample(step);
  }

  @Override
  public void process(Step step) {
    format.process(step);
    choice.process(step);
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    int forced = forced(step);
    if (forced >= 0) {
      return Optional.of(Distribution.certain(forced));
    }
    format.process(step);
    return choice.distribution(step);
  }

  @Override
  public int forced(Step step) {
    int forced = format.forced(step);
    return forced >= 0 ? forced : choice.forced(step);
  }

  @Override
  public void accept(int token) {
    format.accept(token);
    choice.accept(token);
  }

  @Override
  public FormattedSampler fork() {
    return new FormattedSampler(forked(format), forked(choice));
  }

  @Override
  public void rollback(int tokens) {
    rollback(format, tokens);
    rollback(choice, tokens);
  }

  private static Sampler forked(Sampler sampler) {
    return sampler instanceof Stateful stateful ? (Sampler) stateful.fork() : sampler;
  }

  private static void rollback(Sampler sampler, int tokens) {
    if (sampler instanceof Stateful stateful) {
      stateful.rollback(tokens);
    }
  }
}
