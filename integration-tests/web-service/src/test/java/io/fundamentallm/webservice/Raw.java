package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;

/** Connections on which anything can be said, also what no client library would. */
final class Raw {
  /** Far longer than anything here takes, and shorter than the service keeps an idle one open. */
  private static final int PATIENCE_MS = 55_000;

  private Raw() {}

  /** A connection on which something was said. */
  static Socket open(Server server, String request) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(PATIENCE_MS);
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return socket;
  }

  /** All that comes until the service closes the connection. */
  static String untilClosed(Socket socket) throws IOException {
    StringBuilder all = new StringBuilder();
    byte[] part = new byte[8_192];
    try {
      InputStream in = socket.getInputStream();
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        all.append(new String(part, 0, n, ISO_8859_1));
      }
    } catch (SocketException e) {
      // cut in the middle
    }
    return all.toString();
  }

  /** Says something, and gives what comes until the service closes the connection. */
  static String answer(Server server, String request) throws IOException {
    try (Socket socket = open(server, "")) {
      try {
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      } catch (SocketException e) {
        // answered and closed before all was said; the answer is here
      }
      return untilClosed(socket);
    }
  }

  static String lower(String answer) {
    return answer.toLowerCase(Locale.ROOT);
  }
}
