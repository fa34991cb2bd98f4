package io.fundamentallm.webservice;

import io.fundamentallm.webservice.error.Failures;
import io.fundamentallm.webservice.settings.ListeningPlace;
import io.fundamentallm.webservice.settings.MisspeltNames;
import io.fundamentallm.webservice.settings.ServiceSettings;
import io.fundamentallm.webservice.settings.SettingsHelp;
import java.io.IOException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(ServiceSettings.class)
public class WebService {
  /** Runs until it is ended; {@code --help} only prints the settings. */
  public static void main(String[] arguments) throws IOException {
    if (SettingsHelp.isAskedFor(arguments)) {
      System.out.print(SettingsHelp.page());
      return;
    }
    Failures.logDropped();
    SpringApplication service = new SpringApplication(WebService.class);
    service.addListeners(new MisspeltNames(), new ListeningPlace());
    service.run(arguments);
  }
}
