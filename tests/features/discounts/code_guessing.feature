@http
Feature: A limit on guessing codes
  Only the web pages have this limit: it protects codes from somebody who tries many of them.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33
    And the code "SPRING" gives 25 percent off
    And Ada adds "6.86x-1T2027" to her basket

  Rule: After ten unknown codes within ten minutes, a learner has to wait

    @DIS-44
    Scenario: A valid code is refused too until the wait is over
      When Ada enters 10 codes that do not exist
      And Ada enters the code "SPRING"
      Then the shop refuses with the message "Too many codes that do not exist were tried"
      And the total of Ada's basket is $39.33
      When 10 minutes pass
      And Ada enters the code "SPRING"
      Then the total of Ada's basket is $29.50

    @DIS-45
    Scenario: Fewer unknown codes do not block a learner
      When Ada enters 9 codes that do not exist
      And Ada enters the code "SPRING"
      Then the total of Ada's basket is $29.50

    @DIS-46
    Scenario: Another learner does not have to wait
      When Ada enters 10 codes that do not exist
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "SPRING"
      Then the total of Bob's basket is $29.50
