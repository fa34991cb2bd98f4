package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A service that lets nobody take more than a second, and its end. */
class TimeTest {
  private static final String ENDLESS =
      "{\"prompt\": \"I am\", \"max_tokens\": 4000, \"logit_bias\": {\"1\": -100}";

  @Test
  void time_is_limited_and_the_end_is_orderly() throws Exception {
    try (Server server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.limits.running=1",
            "--fundamentallm.limits.time=1s",
            "--fundamentallm.limits.alternatives=300")) {
      an_answer_ends_where_it_is_when_the_time_is_up(server);
      the_time_is_that_of_all_prompts_together(server);
      an_answer_under_way_is_finished_before_the_end(server);
    }
  }

  private static void an_answer_ends_where_it_is_when_the_time_is_up(Server server)
      throws Exception {
    JsonNode answer = begun(server, ENDLESS + ", \"n\": 8, \"logprobs\": 300}", 0);

    assertThat(answer.get("choices")).hasSize(8);
    assertThat(answer.at("/usage/completion_tokens").intValue()).isLessThan(8 * 4000);
    for (int i = 0; i < 8; i++) {
      assertThat(answer.at("/choices/" + i + "/finish_reason").stringValue()).isEqualTo("length");
    }
    // several continuations are written one after the other, and not all are there by then
    assertThat(answer.at("/choices/7/text").stringValue()).isEmpty();
  }

  /**
   * An answer whose first text is longer than this. On a busy machine the time may be up before:
   * then it is asked for again.
   */
  private static JsonNode begun(Server server, String request, int length) throws Exception {
    JsonNode[] answer = new JsonNode[1];
    Server.await(
        "a text is begun",
        () -> {
          try {
            answer[0] = server.ask("/v1/completions", request);
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
          return answer[0].at("/choices/0/text").stringValue().length() > length;
        });
    return answer[0];
  }

  private static void the_time_is_that_of_all_prompts_together(Server server) throws Exception {
    String prompts = "[" + "\"I am\", ".repeat(7) + "\"I am\"]";
    JsonNode answer =
        begun(
            server,
            ENDLESS.replace("\"I am\"", prompts) + ", \"echo\": true, \"logprobs\": 300}",
            "I am".length());

    assertThat(answer.get("choices")).hasSize(8);
    assertThat(answer.at("/choices/0/text").stringValue()).startsWith("I am");
    assertThat(answer.at("/choices/7/text").stringValue()).isEmpty(); // not begun
    answer
        .get("choices")
        .forEach(
            choice -> assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length"));
  }

  @Test
  void who_does_not_read_loses_his_place_and_who_waits_for_it_is_told() throws Exception {
    // in which a slow machine, too, writes the four megabytes that lie between two sockets
    for (int seconds = 15; !losesHisPlaceIn(seconds); seconds *= 3) {
      assertThat(seconds).as("seconds in which too little was written").isLessThan(300);
    }
  }

  /** Whether it came to that; where it did, all the rest is asserted. */
  private static boolean losesHisPlaceIn(int seconds) throws Exception {
    try (Server server =
        Server.start(
            TinyChat.longContext(),
            "--fundamentallm.limits.running=1",
            "--fundamentallm.limits.time=" + seconds + "s",
            "--fundamentallm.limits.unread=1h",
            "--fundamentallm.limits.alternatives=300")) {
      boolean lost = false;
      for (int attempt = 0; attempt < 3 && !lost; attempt++) {
        lost = losesHisPlace(server);
      }
      return lost;
    }
  }

  private static boolean losesHisPlace(Server server) throws Exception {
    // some hundred events are more than what lies between two sockets
    String stalling = ENDLESS + ", \"stream\": true, \"logprobs\": 300}";
    server.awaitRunning(0);
    double cancelled = server.metric("fundamentallm.requests.cancelled");
    try (Socket stalls = server.open(stalling)) {
      Server.await(
          "it has the place, or had it",
          () -> server.is("fundamentallm.requests.running", 1) || isAnswered(stalls));
      HttpResponse<String> waits =
          server.post("/v1/completions", "{\"prompt\": \"I am\", \"max_tokens\": 1}");
      if (waits.statusCode() == 200) {
        return false; // on a busy machine the other may be over by then
      }

      assertThat(waits.statusCode()).as(waits.body()).isEqualTo(503);
      assertThat(waits.headers().firstValue("Retry-After")).isPresent();
      assertThat(Server.json(waits.body()).at("/error/code").stringValue()).isEqualTo("timeout");
      server.awaitRunning(0);
      if (isWhole(stalls)) {
        return false; // the time was up before there was much to read
      }
      Server.await(
          "he is counted", () -> server.is("fundamentallm.requests.cancelled", cancelled + 1));
      assertThat(stalls.isClosed()).isFalse(); // it was not this end that hung up
      return true;
    }
  }

  private static boolean isAnswered(Socket socket) {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether an answer came to its end, and was not cut off. */
  private static boolean isWhole(Socket socket) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    try {
      return lines.lines().anyMatch("data: [DONE]"::equals);
    } catch (UncheckedIOException e) {
      return false; // the connection was reset
    }
  }

  private static void an_answer_under_way_is_finished_before_the_end(Server server)
      throws Exception {
    try (Socket reads = server.open(ENDLESS + ", \"stream\": true}")) {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(reads.getInputStream(), UTF_8));
      assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");

      int[] exit = new int[1];
      Thread stop =
          new Thread(
              () -> {
                try {
                  exit[0] = server.stop();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      stop.start();

      assertThat(lines.lines().filter(line -> line.startsWith("data: ")).toList())
          .hasSizeGreaterThan(1)
          .last()
          .isEqualTo("data: [DONE]");
      stop.join();
      assertThat(exit[0]).isEqualTo(143); // by the signal
      assertThat(server.log()).contains("Graceful shutdown complete");
    }
  }
}
