package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Connections that are kept open. */
class KeepAliveTest {
  @Test
  void requests_that_are_sent_ahead_are_answered_in_turn() throws Exception {
    Server server = Server.shared();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(600_000);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 0; i < 10; i++) {
        // one that takes a moment, one that is answered at once, and one that is refused at once
        String requests =
            get("/actuator/metrics/fundamentallm.requests.running")
                + get("/v1/models")
                + get("/v1/models/other");
        socket.getOutputStream().write(requests.getBytes(UTF_8));

        assertThat(answer(in)).contains("200 OK", "fundamentallm.requests.running");
        assertThat(answer(in)).contains("200 OK", "\"object\":\"list\"");
        assertThat(answer(in)).contains("404 Not Found", "model_not_found");
      }
    }
  }

  private static String get(String path) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + Server.KEY
        + "\r\n\r\n";
  }

  private static String answer(DataInputStream in) throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      answer.append((char) in.readUnsignedByte());
    }
    String head = answer.toString().toLowerCase(Locale.ROOT);
    String length = head.replaceAll("(?s).*content-length: *([0-9]+).*", "$1");
    return answer + new String(in.readNBytes(Integer.parseInt(length)), UTF_8);
  }
}
