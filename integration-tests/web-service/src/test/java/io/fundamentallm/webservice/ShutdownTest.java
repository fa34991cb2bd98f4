package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
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
    for (int attempt = 1; !endsWithAnError(); attempt++) {
      assertThat(attempt).as("attempts in which the time was not enough").isLessThan(10);
    }
  }

  /**
   * Or, on a busy machine, was cut after all, as the service tells: then it is to be tried again.
   */
  private static boolean endsWithAnError() throws Exception {
    try (Server server =
            Server.start(
                TinyChat.longContext(),
                "--fundamentallm.limits.alternatives=300",
                "--fundamentallm.limits.unread=1h",
                "--spring.lifecycle.timeout-per-shutdown-phase=10s");
        Socket reads = server.open(ENDLESS)) {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(reads.getInputStream(), UTF_8));
      assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");

      CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> stop(server));
      Thread.sleep(5_500); // until half of the phase is over it may be finished
      List<String> events = events(lines);

      assertThat(exit.get()).isEqualTo(143); // by the signal
      if (!server.log().contains("Graceful shutdown complete")) {
        return false;
      }
      assertThat(events).doesNotContain("data: [DONE]").hasSizeGreaterThan(1);
      String last = events.get(events.size() - 1);
      assertThat(last).contains("\"error\"", "the service is being stopped");
      return true;
    }
  }

  /** Those that come before the connection ends. */
  private static List<String> events(BufferedReader lines) throws IOException {
    List<String> events = new ArrayList<>();
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: ")) {
          events.add(line);
        }
      }
    } catch (SocketException e) {
      // it was cut
    }
    return events;
  }

  private static int stop(Server server) {
    try {
      return server.stop();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
