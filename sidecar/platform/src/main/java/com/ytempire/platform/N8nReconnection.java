package com.ytempire.platform;

/**
 * Connects a platform that starts again with what an earlier one set up in n8n. Somebody may have
 * changed that in the editor since.
 */
final class N8nReconnection {
  private N8nReconnection() {}

  /**
   * Signs in, and changes the address in the credential to that of the sidecar that runs now.
   *
   * @throws IllegalStateException with what is missing, if the owner has another password, or the
   *     credential or the sync workflow is gone
   */
  static void reconnect(N8n n8n, PlatformState.N8nSetup setup, String sidecarUrl)
      throws InterruptedException {
    if (!n8n.signIn()) {
      throw new IllegalStateException(
          "n8n does not let %s sign in with the demo's password; it was changed in the editor."
              .formatted(N8n.EMAIL));
    }
    try {
      n8n.updateCredential(setup.credential(), sidecarUrl, setup.serviceToken());
    } catch (Http.UnexpectedAnswer e) {
      throw new IllegalStateException(
          "n8n does not take the credential YTEMPIRE; was it deleted in the editor? "
              + e.getMessage(),
          e);
    }
    if (!n8n.hasWorkflow(setup.syncWorkflow())) {
      throw new IllegalStateException(
          "n8n has no sync workflow %s; it was deleted or archived in the editor."
              .formatted(setup.syncWorkflow()));
    }
  }
}
