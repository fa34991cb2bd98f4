package io.fundamentallm.webservice.answer;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatParser;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Several continuations of one prompt, side by side: each step computes a token of each, at the
 * same time, so that they share passes. One thread at a time, but for {@link #close}.
 */
final class Continuations implements AutoCloseable {
  /**
   * One of them.
   *
   * @param chat what reads its parts; null if it is not a chat's
   */
  record Begun(Generation generation, @Nullable ChatAnswer chat) {}

  /** What came next in one of them. */
  record Step(
      int choice,
      @Nullable Token token,
      @Nullable ChatParser parser,
      boolean last,
      @Nullable FinishReason finish) {}

  private static final class Lane {
    final int choice;
    final Generation generation;
    final @Nullable ChatParser parser;
    boolean over;

    Lane(int choice, Begun begun) {
      this.choice = choice;
      generation = begun.generation;
      parser = begun.chat == null ? null : begun.chat.parser();
    }

    Step step() {
      Token token = generation.hasNext() ? generation.next() : null;
      boolean last = generation.hasEnded();
      FinishReason finish = last ? generation.finishReason() : null;
      over = last;
      return new Step(choice, token, parser, last, finish);
    }
  }

  private final List<Lane> lanes = new ArrayList<>();
  private final Executor threads;
  private boolean read;

  /** Begins them; computes nothing yet. */
  Continuations(int count, IntFunction<Begun> begin, Executor threads) {
    this.threads = threads;
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane(i, begin.apply(i)));
    }
  }

  Generation first() {
    return lanes.get(0).generation;
  }

  boolean isOver() {
    return lanes.stream().allMatch(lane -> lane.over);
  }

  /** The next token of each that has not ended; the first time of the first, for its prompt. */
  List<Step> step() {
    if (!read) {
      read = true; // and is then known to the others
      return List.of(lanes.get(0).step());
    }
    List<Lane> live = lanes.stream().filter(lane -> !lane.over).toList();
    List<CompletableFuture<Step>> others = new ArrayList<>();
    for (Lane lane : live.subList(1, live.size())) {
      others.add(CompletableFuture.supplyAsync(lane::step, threads));
    }
    List<Step> steps = new ArrayList<>();
    RuntimeException failure = null;
    try {
      steps.add(live.get(0).step());
    } catch (RuntimeException e) {
      failure = e;
    }
    for (CompletableFuture<Step> other : others) {
      try {
        steps.add(other.join());
      } catch (CompletionException e) {
        failure =
            e.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException("the work of one request failed", e.getCause());
      }
    }
    if (failure != null) {
      throw failure;
    }
    return steps;
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.generation.close());
  }
}
