package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Cancellation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** After how many passes at the latest a call rides, whatever comes after it. */
class BatchQueueTest {
  private final BatchingModel model =
      new BatchingModel(
          new ToyModel(ToyModel.info(50, 4000).build(), ToyModel.hashing()),
          BatchingLimits.defaults(),
          BatchingListener.none());

  private final BatchedCall leader = call(1);

  /**
   * A call that waits, in which pass at the latest it rides for the first time, and in which for
   * the last time.
   */
  private record Waiting(BatchedCall call, int length, int first, int last) {}

  private BatchedCall call(int... lengths) {
    BatchedCall call = new BatchedCall(Cancellation.none());
    for (int length : lengths) {
      BatchedSession session = (BatchedSession) model.open();
      call.add(session, Append.of(session, new int[length]));
    }
    return call;
  }

  private static int pieces(BatchedCall call, int chunk) {
    return call.sessions().stream().mapToInt(s -> (s.unread() + chunk - 1) / chunk).sum();
  }

  @Property(tries = 300)
  void the_bound_that_is_stated_holds(
      @ForAll @IntRange(min = 1, max = 40) int tokens,
      @ForAll @IntRange(min = 1, max = 6) int appends,
      @ForAll @IntRange(min = 1, max = 40) int prefill,
      @ForAll long seed) {
    BatchingLimits limits = new BatchingLimits(tokens, appends, prefill, 1000);
    BatchQueue queue = new BatchQueue(limits, false);
    BatchedPass pass = new BatchedPass();
    Random random = new Random(seed);
    List<Waiting> waiting = new ArrayList<>();
    for (int round = 0; round < 120; round++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        BatchedCall call = random.nextInt(6) == 0 ? prompt(random) : step(random);
        waiting.add(
            new Waiting(
                call,
                call.unread(),
                round + passes(call, waiting, limits, false),
                round + passes(call, waiting, limits, true)));
        queue.add(call);
      }
      queue.fill(pass);
      for (Waiting one : waiting) {
        if (round >= one.first) {
          assertThat(one.call.unread()).as("%s, %s", limits, one).isLessThan(one.length);
        }
        if (round >= one.last) {
          assertThat(one.call.unread()).as("%s, %s", limits, one).isZero();
        }
      }
      pass.settle(queue, leader);
      pass.clear();
      waiting.removeIf(one -> one.call.isOver());
    }
  }

  private BatchedCall prompt(Random random) {
    return random.nextBoolean()
        ? call(17 + random.nextInt(100))
        : call(1 + random.nextInt(20), 17 + random.nextInt(40));
  }

  private BatchedCall step(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> call(1);
      case 1 -> call(1 + random.nextInt(16));
      default -> call(1, 1, 1, 1 + random.nextInt(16));
    };
  }

  /**
   * How many passes later the call rides at the latest, as the Javadoc of {@link
   * LanguageModels#batching} states it; 0 is the next.
   */
  private static int passes(
      BatchedCall call, List<Waiting> before, BatchingLimits limits, boolean wholly) {
    int chunk = call.isStep() ? 16 : Math.min(limits.tokens(), limits.prefillTokens());
    int chunks = wholly ? pieces(call, chunk) - 1 : 0;
    int tokens = wholly ? call.unread() - 1 : 0;
    for (Waiting one : before) {
      if (one.call.isStep() == call.isStep()) {
        chunks += pieces(one.call, chunk);
        tokens += one.call.unread();
      }
    }
    int filled = chunks / limits.appends() + tokens / limits.tokens();
    return 2 * (call.isStep() ? filled : chunks) + 1;
  }

  @Test
  void steps_that_leave_a_prompt_a_little_room_do_not_hold_it_up() {
    BatchingLimits limits = new BatchingLimits(16, 16, 8, 1000);
    BatchQueue queue = new BatchQueue(limits, false);
    BatchedPass pass = new BatchedPass();
    BatchedCall prompt = call(64);
    queue.add(prompt);
    Deque<Integer> unread = new ArrayDeque<>();
    for (int i = 0; i < 8; i++) {
      for (int k = 0; k < 15; k++) {
        queue.add(call(1));
      }
      queue.fill(pass);
      pass.settle(queue, leader);
      pass.clear();
      unread.add(prompt.unread());
    }
    assertThat(unread).containsExactly(63, 55, 55, 47, 47, 39, 39, 31);
  }

  @Test
  void whole_calls_ride_after_two_passes_for_each_before_them() {
    BatchQueue queue = new BatchQueue(new BatchingLimits(20, 2, 8, 1000), true);
    BatchedPass pass = new BatchedPass();
    List<BatchedCall> prompts = List.of(call(100), call(17), call(50));
    prompts.forEach(queue::add);
    for (int i = 0; i < 2 * prompts.size(); i++) {
      for (int k = 0; k < 3; k++) {
        queue.add(call(16));
      }
      queue.fill(pass);
      pass.settle(queue, leader);
      pass.clear();
      assertThat(prompts.stream().filter(BatchedCall::isOver)).hasSize((i + 1) / 2);
    }
  }
}
