"""The neutral chat: values, identity, comparison, readable text. Pure; knows no assistant, file or store."""
