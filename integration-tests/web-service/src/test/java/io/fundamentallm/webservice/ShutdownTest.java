package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A stream that the service has no time to finish. */
class ShutdownTest {
  /**
   * Some ten thousand tokens, each told with three hundred alternatives: far more than what lies
   * between the service and a client that does not read.
   */
  private static final String ENDLESS =
      "{\"prompt\": \"I am\", \"max_tokens\": 4000, \"logit_bias\": {\"1\": -100}, \"n\": 8,"
          + " \"logprobs\": 300, \"stream\": true}";

  @Test
  void ends_with_an_error_before_the_connection_is_cut() throws Exception {
    try (Server server =
            Server.start(
                TinyChat.longContext(),
                "--fundamentallm.limits.alternatives=300",
                "--spring.lifecycle.timeout-per-shutdown-phase=10s");
        Socket reads = server.open(ENDLESS)) {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(reads.getInputStream(), UTF_8));
      assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");

      CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> stop(server));
      Thread.sleep(5_500); // until half of the phase is over it may be finished
      List<String> events = lines.lines().filter(line -> line.startsWith("data: ")).toList();

      assertThat(events).doesNotContain("data: [DONE]").hasSizeGreaterThan(1);
      String last = events.get(events.size() - 1);
      assertThat(last).contains("\"error\"", "the service is being stopped");
      assertThat(exit.get()).isEqualTo(143); // by the signal
      assertThat(server.log()).contains("Graceful shutdown complete");
    }
  }

  private static int stop(Server server) {
    try {
      return server.stop();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
