// For the tests: nothing but a flow behind a password, on the loopback interface, that phones nowhere.
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  httpAdminRoot: false,
  flowFile: "flows.json",
  credentialSecret: false,
  httpNodeAuth: {user: "anna", pass: "$2b$08$Y/ERBl.HPvLiOUthRfmL1uohxOF5mUY3OuKQ2eqxE/Uw/IPv461uW"},
  telemetry: {enabled: false, updateNotification: false},
  externalModules: {palette: {allowInstall: false}, modules: {allowInstall: false}}
};
