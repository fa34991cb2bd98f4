package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/**
 * One thread's random use of sessions: it appends, forks, truncates, cancels and closes, knows the
 * tokens that each session holds, and compares logits with those of fresh sessions on these tokens.
 * Counts the appends that a full cache refused.
 */
final class SessionWalk implements Callable<Integer> {
  private static final int MAX_OPEN = 5;
  private static final int MAX_TOKENS = 24;

  private record Held(Session session, List<Integer> tokens) {}

  private final LanguageModel model;
  private final LanguageModel quiet;
  private final int sessions;
  private final Random random;
  private final List<Held> open = new ArrayList<>();
  private int opened;
  private int refused;

  /**
   * A walk.
   *
   * @param quiet the same model again, which nobody else uses
   * @param sessions how many are opened or forked before it ends
   */
  SessionWalk(LanguageModel model, LanguageModel quiet, int sessions, long seed) {
    this.model = model;
    this.quiet = quiet;
    this.sessions = sessions;
    random = new Random(seed);
  }

  @Override
  public Integer call() {
    try (quiet) {
      while (opened < sessions || !open.isEmpty()) {
        step();
      }
    }
    return refused;
  }

  private void step() {
    if (opened < sessions && (open.isEmpty() || open.size() < MAX_OPEN && chance(6))) {
      opened++;
      open.add(new Held(model.open(), new ArrayList<>()));
      return;
    }
    Held held = open.get(random.nextInt(open.size()));
    int action = random.nextInt(opened < sessions ? 8 : 4);
    if (action < 2) {
      close(held);
    } else if (action == 2 && opened < sessions && open.size() < MAX_OPEN) {
      opened++;
      open.add(new Held(held.session.fork(), new ArrayList<>(held.tokens)));
    } else if (action == 3) {
      int kept = random.nextInt(held.tokens.size() + 1);
      held.session.truncate(kept);
      held.tokens.subList(kept, held.tokens.size()).clear();
    } else {
      append(held);
    }
  }

  private boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  private void close(Held held) {
    held.session.close();
    open.remove(held);
  }

  /** One or two sessions in one call, or a call that is cancelled somewhere. */
  private void append(Held held) {
    Held other = open.get(random.nextInt(open.size()));
    List<Held> both = other == held || chance(2) ? List.of(held) : List.of(held, other);
    List<Append> batch = new ArrayList<>();
    for (Held one : both) {
      int room = one.session.remaining();
      if (room > 0) {
        int count = 1 + random.nextInt(chance(2) ? 1 : Math.min(room, MAX_TOKENS));
        int[] tokens = random.ints(count, 0, model.info().vocabularySize()).toArray();
        int rows = random.nextInt(Math.min(3, count + 1));
        batch.add(Append.of(one.session, tokens, new float[rows][model.info().vocabularySize()]));
      }
    }
    int looks = chance(10) ? random.nextInt(4) : Integer.MAX_VALUE;
    int[] looked = {0};
    try {
      model.forward(
          batch, looks == Integer.MAX_VALUE ? Cancellation.none() : () -> looked[0]++ >= looks);
    } catch (CancellationException e) {
      assertUnchanged(both);
      return;
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageStartingWith("the key/value cache is full");
      refused++;
      assertUnchanged(both);
      close(held);
      return;
    }
    for (Append append : batch) {
      Held one = append.session() == held.session ? held : other;
      for (int token : append.tokens()) {
        one.tokens.add(token);
      }
      assertThat(one.session.length()).isEqualTo(one.tokens.size());
      float[][] fresh = new float[append.logits().length][model.info().vocabularySize()];
      if (fresh.length > 0) {
        try (Session session = quiet.open()) {
          session.append(one.tokens.stream().mapToInt(Integer::intValue).toArray(), fresh);
        }
        assertThat(append.logits()).as("after %s", one.tokens).isDeepEqualTo(fresh);
      }
    }
  }

  private static void assertUnchanged(List<Held> all) {
    for (Held held : all) {
      assertThat(held.session.length()).isEqualTo(held.tokens.size());
    }
  }
}
