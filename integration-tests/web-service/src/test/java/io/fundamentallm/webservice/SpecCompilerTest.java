package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    for (String slow : List.of("slow", "slow too")) { // as many as there are threads
      ApiException thrown;
      do { // on a busy machine its turn may not come within the time: then it is to be sent again
        thrown = catchThrowableOfType(ApiException.class, () -> compiler.compile("sampler", slow));
      } while (status(thrown) == 429);
      assertThat(status(thrown)).isEqualTo(400);
      assertThat(thrown).hasMessageContaining("50 ms");
    }
    for (int i = 0; i < 40; i++) { // more than the queue has places
      assertThatThrownBy(() -> compiler.compile("sampler", "quick"))
          .isInstanceOfSatisfying(ApiException.class, e -> assertThat(status(e)).isEqualTo(429));
    }
    end.countDown();
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
    Queue<ApiException> ends = new ConcurrentLinkedQueue<>();
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
    begun.await(); // two of them were given up for the others

    assertThat(compiler.compile("sampler", "quick")).isEqualTo("quick");

    assertThat(ends).isNotEmpty().allMatch(e -> status(e) == 429);
    assertThat(ends.element()).hasMessageContaining("while others waited");
    slow.forEach(Thread::interrupt);
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
