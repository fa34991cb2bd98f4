package io.fundamentallm.webservice.settings;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Refuses a port or an address on which nothing can listen. The framework finds out when the model
 * is loaded, and then says so with a stack trace; only of a port in use it tells more.
 */
public final class ListeningPlace
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {
  private static final String PORT = "server.port";
  private static final String ADDRESS = "server.address";
  private static final int LAST_PORT = 65_535;

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    Environment environment = event.getEnvironment();
    port(environment.getProperty(PORT));
    address(environment.getProperty(ADDRESS));
  }

  private static void port(@Nullable String set) {
    if (set != null && set.strip().matches("[+-]?[0-9]+")) { // else the framework names it
      Optional<Integer> port = whole(set.strip());
      if (port.filter(number -> number >= 0 && number <= LAST_PORT).isEmpty()) {
        throw new CannotStart(
            PORT + " is " + set + ", which is no port",
            "Expected a number from 1 to " + LAST_PORT + ", or 0 for any port that is free.",
            null);
      }
    }
  }

  private static Optional<Integer> whole(String digits) {
    try {
      return Optional.of(Integer.valueOf(digits));
    } catch (NumberFormatException e) {
      return Optional.empty(); // too long
    }
  }

  private static void address(@Nullable String set) {
    if (set == null || set.isBlank()) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(set.strip()), 0));
    } catch (IOException e) {
      throw new CannotStart(
          ADDRESS + " is " + set + ", which is no address of this machine",
          "Expected one of its own, such as 127.0.0.1, or 0.0.0.0 for all of them; fundamentallm"
              + " serve takes it as --address.",
          e);
    }
  }
}
