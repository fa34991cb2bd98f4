package io.fundamentallm.webservice.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fundamentallm.webservice.error.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class SpecCompilerTest {
  private static int status(ApiException e) {
    return e.status().value();
  }

  @Test
  void what_takes_too_long_is_to_blame_and_what_waits_for_it_is_not() {
    CountDownLatch end = new CountDownLatch(1);
    SpecCompiler<String> compiler =
        new SpecCompiler<>(
            spec -> {
              while (true) { // does not notice that it was given up, as a stage of others may not
                try {
                  end.await();
                  return spec;
                } catch (InterruptedException e) {
                  assertThat(spec).startsWith("slow");
                }
              }
            },
            Duration.ofMillis(50));

    try {
      for (int i = 0; i < 2; i++) { // as many as there are threads
        ApiException thrown = tooLong(compiler, "slow " + i);
        assertThat(status(thrown)).isEqualTo(400);
        assertThat(thrown).hasMessageContaining("50 ms");
      }
      for (int i = 0; i < 40; i++) { // more than the queue has places
        assertThatThrownBy(() -> compiler.compile("sampler", "quick"))
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(status(e)).isEqualTo(429));
      }
    } finally {
      end.countDown();
    }
  }

  /** On a busy machine its turn may not come within the time: then it is to be sent again. */
  private static ApiException tooLong(SpecCompiler<String> compiler, String spec) {
    ApiException thrown = null;
    for (int i = 0; i < 100 && (thrown == null || status(thrown) == 429); i++) {
      thrown = catchThrowableOfType(ApiException.class, () -> compiler.compile("sampler", spec));
    }
    return thrown;
  }

  /** No time at all passes before a thread starts; nobody else is to blame for that. */
  @Test
  void what_waits_for_no_other_takes_too_long_itself() {
    for (int i = 0; i < 20; i++) {
      try (SpecCompiler<String> alone =
          new SpecCompiler<>(
              spec -> {
                while (!Thread.interrupted()) {
                  Thread.onSpinWait();
                }
                return spec;
              },
              Duration.ofNanos(1))) {
        assertThatThrownBy(() -> alone.compile("sampler", "slow"))
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(status(e)).isEqualTo(400));
      }
    }
  }

  @Test
  void what_takes_long_is_given_up_for_others_that_wait() throws Exception {
    CountDownLatch begun = new CountDownLatch(4);
    SpecCompiler<String> compiler =
        new SpecCompiler<>(
            spec -> {
              begun.countDown();
              try {
                if (spec.startsWith("slow")) {
                  new CountDownLatch(1).await(); // for ever
                }
              } catch (InterruptedException e) {
                throw new CancellationException("interrupted");
              }
              return spec;
            },
            Duration.ofMinutes(10));
    List<Thread> slow = new ArrayList<>();
    BlockingQueue<ApiException> ends = new LinkedBlockingQueue<>();
    for (int i = 0; i < 4; i++) { // twice as many as there are threads
      String spec = "slow " + i;
      slow.add(
          new Thread(
              () -> {
                try {
                  compiler.compile("sampler", spec);
                } catch (ApiException e) {
                  ends.add(e);
                }
              }));
    }
    slow.forEach(Thread::start);
    try {
      // two of them are given up for the others
      assertThat(begun.await(5, TimeUnit.MINUTES)).isTrue();

      assertThat(compiler.compile("sampler", "quick")).isEqualTo("quick");

      ApiException end = ends.poll(5, TimeUnit.MINUTES);
      assertThat(end).isNotNull().hasMessageContaining("while others waited");
      assertThat(status(end)).isEqualTo(429);
      assertThat(ends).allMatch(e -> status(e) == 429);
    } finally {
      slow.forEach(Thread::interrupt);
    }
    for (Thread thread : slow) {
      thread.join();
    }
  }

  @Test
  void what_was_compiled_is_kept() {
    AtomicInteger compiled = new AtomicInteger();
    SpecCompiler<Integer> compiler =
        new SpecCompiler<>(spec -> compiled.incrementAndGet(), Duration.ofMinutes(1));

    assertThat(compiler.compile("sampler", "a")).isEqualTo(1);
    assertThat(compiler.compile("sampler", "b")).isEqualTo(2);
    assertThat(compiler.compile("sampler", "a")).isEqualTo(1);
  }

  @Test
  void a_refusal_names_the_field() {
    SpecCompiler<String> compiler =
        new SpecCompiler<>(
            spec -> {
              throw new IllegalArgumentException("no such stage");
            },
            Duration.ofMinutes(1));

    assertThatThrownBy(() -> compiler.compile("response_format", "a"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.param()).isEqualTo("response_format"))
        .hasMessageContaining("no such stage");
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void its_threads_end_with_it() throws Exception {
    List<Thread> compiling = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch begun = new CountDownLatch(1);
    SpecCompiler<String> compiler =
        new SpecCompiler<>(
            spec -> {
              compiling.add(Thread.currentThread());
              if (spec.equals("long")) {
                begun.countDown();
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  throw new IllegalArgumentException("given up", e);
                }
              }
              return spec;
            },
            Duration.ofMinutes(10));
    compiler.compile("sampler", "short");
    FutureTask<String> asked = new FutureTask<>(() -> compiler.compile("sampler", "long"));
    new Thread(asked).start();
    begun.await();

    compiler.close();

    assertThatThrownBy(asked::get).isInstanceOf(ExecutionException.class);
    for (Thread thread : compiling) {
      thread.join(); // the limit of the test is the only one
    }
  }
}
