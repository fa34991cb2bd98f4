package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that read nothing of their answers, on a service whose time limit is far away. */
class UnreadTest {
  private static final int RUNNING = 4;

  @AutoClose private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.limits.running=" + RUNNING,
            "--fundamentallm.limits.unread=1s",
            "--fundamentallm.limits.time=1h",
            "--fundamentallm.limits.alternatives=300");
  }

  /** More than lies between two sockets. */
  private static Socket asks(Server server, boolean stream) throws Exception {
    return server.open(
        "{\"prompt\": \"I am\", \"max_tokens\": 400, \"logprobs\": 300, \"logit_bias\": {\"1\":"
            + " -100}, \"stream\": "
            + stream
            + "}");
  }

  /**
   * Linux takes more of an answer only once a third of its buffer is free, which takes such a
   * client eight seconds.
   */
  @Test
  void who_reads_slowly_goes_on() throws Exception {
    try (Server patient =
            Server.start(
                TinyChat.longContext(),
                "--fundamentallm.limits.unread=3s",
                "--fundamentallm.limits.alternatives=300");
        Socket socket = asks(patient, true)) {
      InputStream answer = socket.getInputStream();
      for (int kilobytes = 0; kilobytes < 120; kilobytes++) {
        assertThat(answer.readNBytes(1_024)).as("after " + kilobytes + " KB").hasSize(1_024);
        Thread.sleep(100);
      }
      assertThat(patient.log()).doesNotContain("cut because their clients read nothing");
    }
  }

  @Test
  void who_never_reads_gives_his_place_to_who_does() throws Exception {
    double cancelled = server.metric("fundamentallm.requests.cancelled");
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 2 * RUNNING; i++) {
      silent.add(asks(server, i % 4 != 3)); // one in four wants all at once
    }

    server.ask("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1}");
    server.awaitRunning(0);

    int streams = 3 * silent.size() / 4; // the others are computed before any of it is written
    Server.await(
        "the streams are counted",
        () -> server.is("fundamentallm.requests.cancelled", cancelled + streams));
    assertThat(server.log()).contains("cut because their clients read nothing");
    assertThat(server.log()).doesNotContain("a request failed");
    for (Socket socket : silent) {
      socket.close();
    }
  }
}
