package com.ytempire.sidecar.dashboards;

/** Grafana could not be asked, or refused; the message is for people and names no secret. */
final class GrafanaException extends Exception {
  private static final long serialVersionUID = 1;
  private final int status;

  /**
   * @param status of Grafana's answer; 0: there was none that can be used
   */
  GrafanaException(String message, int status) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }

  /**
   * What happened, for customers: without addresses inside the platform and without Grafana's own
   * words, which the message has.
   */
  String sentence() {
    return switch (status) {
      case 0 -> "Grafana does not answer, or not as Grafana";
      case 401, 403 -> "Grafana refuses the platform's administrator";
      default ->
          status >= 500
              ? "Grafana answered with an error"
              : "Grafana refused a step of the provisioning";
    };
  }

  /** Whether Grafana as a whole is unavailable or refuses us, so that others need not be tried. */
  boolean isOfGrafana() {
    return status == 0 || status == 401 || status >= 500;
  }
}
