package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.contract.ByteTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoadingTokenizerTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  @Test
  void it_loads_in_a_daemon_thread_with_the_context_class_loader_of_the_caller()
      throws IOException {
    AtomicReference<Thread> by = new AtomicReference<>();
    AtomicReference<ClassLoader> with = new AtomicReference<>();
    LoadingTokenizer loading =
        LoadingTokenizer.begin(
            () -> {
              by.set(Thread.currentThread());
              with.set(Thread.currentThread().getContextClassLoader());
              return BYTES;
            });
    assertThat(loading.get()).isSameAs(BYTES);
    assertThat(by.get()).isNotSameAs(Thread.currentThread());
    assertThat(by.get().isDaemon()).isTrue();
    assertThat(with.get()).isSameAs(Thread.currentThread().getContextClassLoader());
  }

  @Test
  void what_loading_throws_reaches_the_caller_as_it_is() {
    IOException checked = new IOException("tokenizer.json: byte 7: no comma");
    IllegalArgumentException unchecked = new IllegalArgumentException("no option x");
    Error error = new OutOfMemoryError("Java heap space");
    for (Throwable thrown : List.of(checked, unchecked, error)) {
      LoadingTokenizer loading =
          LoadingTokenizer.begin(
              () -> {
                if (thrown instanceof IOException e) {
                  throw e;
                } else if (thrown instanceof RuntimeException e) {
                  throw e;
                }
                throw (Error) thrown;
              });
      assertThatThrownBy(loading::get).isSameAs(thrown);
    }
  }

  @Test
  void an_interrupted_caller_waits_and_stays_interrupted() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    LoadingTokenizer loading =
        LoadingTokenizer.begin(
            () -> {
              caller.interrupt();
              try {
                waits.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return BYTES;
            });
    Thread later = new Thread(waits::countDown);
    later.start();
    assertThat(loading.get()).isSameAs(BYTES);
    assertThat(Thread.interrupted()).isTrue();
    later.join();
  }
}
